"""What administrators may see and end: everybody's jobs, and keys, by the API and by `odordiff keys`."""

import json
import pathlib
import stat
import subprocess
import tempfile
import unittest

from odordiff_server import BIN, Server, eventually


def keys(*arguments):
    return subprocess.run([BIN, "keys", *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False)


def new_key(name, role, *more):
    return json.loads(keys("new", "--name", name, "--role", role, "--format", "json", *more).stdout)


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.file = self.folder / "keys.toml"


class KeysOfAFile(Folder):
    def setUp(self):
        super().setUp()
        self.ada, self.bob = new_key("ada", "admin"), new_key("bob", "chemist", "--rate-limit", "7")
        self.text = f"# ours\n\n{self.ada['entry']}\n# of the robot\n{self.bob['entry']}"
        self.file.write_text(self.text, encoding="utf-8")
        self.file.chmod(0o640)

    def listed(self):
        return json.loads(keys("list", "--file", self.file, "--format", "json").stdout)["keys"]

    def test_are_listed_without_secrets(self):
        self.assertEqual([(key["name"], key["role"], key["rate_limit"]) for key in self.listed()],
                         [("ada", "admin", None), ("bob", "chemist", 7)])
        table = keys("list", "--file", self.file).stdout
        self.assertIn("bob", table)
        self.assertNotIn(self.bob["key"], table)

    def test_one_is_revoked_and_all_else_stays(self):
        done = keys("revoke", "ada", "--file", self.file)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("SIGHUP", done.stdout)
        self.assertEqual([key["name"] for key in self.listed()], ["bob"])
        text = self.file.read_text(encoding="utf-8")
        self.assertTrue(text.startswith("# ours\n\n"))
        self.assertIn(self.bob["entry"], text)
        self.assertEqual(stat.S_IMODE(self.file.stat().st_mode), 0o640)

    def test_one_is_given_another_secret(self):
        before = self.listed()
        new = json.loads(keys("rotate", "bob", "--file", self.file, "--format", "json").stdout)
        self.assertTrue(new["key"].startswith("odk_"))
        self.assertNotEqual(new["key"], self.bob["key"])
        after = self.listed()
        self.assertEqual(before[0], after[0])
        self.assertEqual({**before[1], "sha256": 0}, {**after[1], "sha256": 0})
        self.assertNotEqual(before[1]["sha256"], after[1]["sha256"])

    def test_what_is_wrong_changes_nothing(self):
        done = keys("revoke", "eve", "--file", self.file)
        self.assertEqual(done.returncode, 2)
        self.assertIn("ada, bob", done.stderr)
        self.assertEqual(self.file.read_text(encoding="utf-8"), self.text)
        inline = f'key = [{{name = "ada", role = "admin", sha256 = "{"0" * 64}"}}]\n'
        self.file.write_text(inline, encoding="utf-8")
        self.assertIn("by hand", keys("rotate", "ada", "--file", self.file).stderr)
        self.assertEqual(self.file.read_text(encoding="utf-8"), inline)
        self.assertEqual(keys("list", "--file", self.folder / "absent").returncode, 3)


class RunningServer(Folder):
    def setUp(self):
        super().setUp()
        made = {name: new_key(name, role) for name, role in (("root", "admin"), ("ada", "chemist"), ("bob", "chemist"))}
        self.file.write_text("\n".join(key["entry"] for key in made.values()), encoding="utf-8")
        self.keys = {name: {"Authorization": "Bearer " + key["key"]} for name, key in made.items()}
        self.server = Server(self, "--keys-file", self.file, "--jobs-db", self.folder / "jobs.db", "--job-threads", 1,
                             "--max-open-jobs", 3, "--rate-limit", 0)

    def ask(self, who, method, path, body=None):
        return self.server.ask(method, path, body, self.keys[who])

    def test_an_admin_sees_and_ends_everybodys_jobs(self):
        long = {"briefs": ["rose"] * 500, "count": 20}
        first = self.ask("ada", "POST", "/v1/batches", long)[1]["id"]
        second = self.ask("ada", "POST", "/v1/batches", long)[1]["id"]
        other = self.ask("bob", "POST", "/v1/batches", long)[1]["id"]
        status, refused = self.ask("bob", "POST", "/v1/batches", long)
        self.assertEqual(status, 503, refused)
        self.assertIn("3 unfinished jobs", refused["detail"])
        page = self.ask("root", "GET", "/v1/admin/jobs?state=open&limit=2")[1]
        self.assertEqual([(job["id"], job["owner"]) for job in page["jobs"]], [(other, "key:bob"), (second, "key:ada")])
        rest = self.ask("root", "GET", f"/v1/admin/jobs?state=open&cursor={page['next']}")[1]
        self.assertEqual([job["id"] for job in rest["jobs"]], [first])
        self.assertEqual({job["id"] for job in self.ask("root", "GET", "/v1/admin/jobs?owner=key:ada")[1]["jobs"]}, {first, second})

        def why(job):
            return (self.ask("root", "GET", f"/v1/admin/jobs/{job}")[1]["waiting"] or {}).get("why", "")

        self.assertTrue(eventually(lambda: "of the owner's more urgent or earlier jobs" in why(second)), why(second))
        self.assertTrue(eventually(lambda: "all 1 places" in why(other) and "1 other owners" in why(other)), why(other))
        for path in ("/v1/admin/jobs", f"/v1/admin/jobs/{first}", "/v1/admin/keys"):
            self.assertEqual(self.ask("ada", "GET", path)[0], 403, path)
        self.assertEqual(self.ask("ada", "DELETE", f"/v1/jobs/{other}")[0], 404)
        for job in (first, second, other):
            status, ended = self.ask("root", "DELETE", f"/v1/admin/jobs/{job}")
            self.assertEqual((status, ended["status"], ended["waiting"]), (200, "cancelled", None))
        self.assertEqual(self.ask("root", "GET", "/v1/admin/jobs?state=open")[1]["jobs"], [])
        self.assertEqual(self.ask("root", "DELETE", "/v1/admin/jobs/" + "0" * 32)[0], 404)
        self.assertEqual(self.ask("root", "GET", "/v1/admin/jobs?state=late")[0], 422)
        self.assertEqual(self.ask("root", "GET", "/v1/admin/jobs?state=open&owner=key:ada")[0], 422)

    def test_an_admin_sees_and_revokes_keys(self):
        status, listed = self.ask("root", "GET", "/v1/admin/keys")
        self.assertEqual((status, [key["name"] for key in listed["keys"]]), (200, ["root", "ada", "bob"]))
        self.assertEqual({len(key["sha256"]) for key in listed["keys"]}, {12})
        self.assertEqual(self.ask("bob", "GET", "/stats")[0], 200)
        self.assertEqual(self.ask("root", "DELETE", "/v1/admin/keys/bob"), (200, {"revoked": "bob"}))
        self.assertEqual(self.ask("bob", "GET", "/stats")[0], 401)
        self.assertEqual(self.ask("ada", "GET", "/stats")[0], 200)
        self.assertNotIn("bob", self.file.read_text(encoding="utf-8"))
        self.assertEqual(self.ask("root", "DELETE", "/v1/admin/keys/bob")[0], 404)
        status, refused = self.ask("root", "DELETE", "/v1/admin/keys/root")
        self.assertEqual((status, refused["type"]), (409, "urn:odordiff:problem:last-admin"))
        self.assertEqual(self.ask("root", "GET", "/stats")[0], 200)

    def test_without_a_file_of_keys_there_are_none_to_see(self):
        open_server = Server(self, "--jobs-db", "none")
        self.assertEqual(open_server.ask("GET", "/v1/admin/keys")[0], 503)
        self.assertEqual(open_server.ask("GET", "/v1/admin/jobs")[0], 503)


if __name__ == "__main__":
    unittest.main()
