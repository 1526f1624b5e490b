"""What administrators may see and end: everybody's jobs, and keys, by the API and by `odordiff keys`."""

import concurrent.futures
import hashlib
import json
import pathlib
import signal
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

    def test_the_comments_of_others_and_what_stands_behind_stay(self):
        bob = self.bob["entry"].rstrip()
        self.file.write_text(f"# of ada\n{self.ada['entry']}# do not lose\n{bob}\n\n# the end\n", encoding="utf-8")
        self.assertEqual(keys("revoke", "ada", "--file", self.file).returncode, 0)
        self.assertEqual(self.file.read_text(encoding="utf-8"), f"# do not lose\n{bob}\n\n# the end\n")
        self.file.write_text(f"{self.ada['entry']}# of bob\n{bob}\n\n# the end\n", encoding="utf-8")
        self.assertEqual(keys("revoke", "bob", "--file", self.file).returncode, 0)
        self.assertEqual(self.file.read_text(encoding="utf-8"), f"{self.ada['entry']}\n# the end\n")

    def test_the_secret_is_changed_and_not_a_comment_that_names_it(self):
        digest = self.listed()[1]["sha256"]
        self.file.write_text(f'[[key]]\nname = "{digest}"\n# sha256 = "{digest}", made today\nsha256 = "{digest}"\n'
                             f'role = "viewer"\n', encoding="utf-8")
        new = json.loads(keys("rotate", digest, "--file", self.file, "--format", "json").stdout)
        after = self.listed()[0]
        self.assertEqual(after["name"], digest)
        self.assertEqual(after["sha256"], hashlib.sha256(new["key"].encode()).hexdigest())

    def test_many_change_one_file_at_once(self):
        made = [new_key(f"k{i}", "viewer")["entry"] for i in range(12)]
        self.file.write_text(self.text + "\n" + "\n".join(made), encoding="utf-8")
        running = [subprocess.Popen([BIN, "keys", "revoke", f"k{i}", "--file", self.file], stdout=subprocess.DEVNULL,
                                    stderr=subprocess.PIPE, text=True) for i in range(12)]
        for process in running:
            self.assertEqual((process.communicate(timeout=60)[1], process.returncode), ("", 0))
        self.assertEqual([key["name"] for key in self.listed()], ["ada", "bob"])

    def test_the_only_key_stays(self):
        self.assertEqual(keys("revoke", "ada", "--file", self.file).returncode, 0)
        done = keys("revoke", "bob", "--file", self.file)
        self.assertEqual(done.returncode, 2)
        self.assertIn("the only key", done.stderr)
        self.assertEqual([key["name"] for key in self.listed()], ["bob"])

    def test_what_is_wrong_changes_nothing(self):
        done = keys("revoke", "eve", "--file", self.file)
        self.assertEqual(done.returncode, 2)
        self.assertIn("ada, bob", done.stderr)
        self.assertEqual(self.file.read_text(encoding="utf-8"), self.text)
        inline = f'key = [{{name = "ada", role = "admin", sha256 = "{"0" * 64}"}}]\n'
        self.file.write_text(inline, encoding="utf-8")
        self.assertIn("the only key", keys("revoke", "ada", "--file", self.file).stderr)
        inline = inline.replace("}]", f'}}, {{name = "bob", role = "admin", sha256 = "{"1" * 64}"}}]')
        self.file.write_text(inline, encoding="utf-8")
        self.assertIn("by hand", keys("revoke", "ada", "--file", self.file).stderr)
        self.assertEqual(self.file.read_text(encoding="utf-8"), inline)
        self.assertEqual(keys("list", "--file", self.folder / "absent").returncode, 3)


class RunningServer(Folder):
    def setUp(self):
        super().setUp()
        made = {name: new_key(name, role) for name, role in (("root", "admin"), ("ada", "chemist"), ("bob", "chemist"))}
        self.file.write_text("\n".join(key["entry"] for key in made.values()), encoding="utf-8")
        self.root_entry = made["root"]["entry"]
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

    def test_administrators_who_revoke_each_other_at_once_leave_one(self):
        other = new_key("other", "admin")
        for _ in range(5):
            text = self.file.read_text(encoding="utf-8")
            if '"other"' not in text:
                self.file.write_text(text + "\n" + other["entry"], encoding="utf-8")
            if '"root"' not in text:
                self.file.write_text(self.file.read_text(encoding="utf-8") + "\n" + self.root_entry, encoding="utf-8")
            self.keys["other"] = {"Authorization": "Bearer " + other["key"]}
            self.server.process.send_signal(signal.SIGHUP)
            self.assertTrue(eventually(lambda: all(self.ask(who, "GET", "/stats")[0] == 200 for who in ("root", "other"))))
            with concurrent.futures.ThreadPoolExecutor(2) as pool:
                done = list(pool.map(lambda pair: self.ask(pair[0], "DELETE", f"/v1/admin/keys/{pair[1]}")[0],
                                     (("root", "other"), ("other", "root"))))
            left = [who for who in ("root", "other") if self.ask(who, "GET", "/stats")[0] == 200]
            self.assertEqual(len(left), 1, done)
            self.assertEqual(done.count(200), 1, done)

    def test_the_last_admin_is_counted_in_the_file(self):
        other = new_key("other", "admin")
        self.file.write_text(self.file.read_text(encoding="utf-8") + "\n" + other["entry"], encoding="utf-8")
        self.keys["other"] = {"Authorization": "Bearer " + other["key"]}
        self.server.process.send_signal(signal.SIGHUP)
        self.assertTrue(eventually(lambda: self.ask("other", "GET", "/stats")[0] == 200))
        self.assertEqual(keys("revoke", "other", "--file", self.file).returncode, 0)  # the server has not been told
        status, refused = self.ask("other", "DELETE", "/v1/admin/keys/root")
        self.assertEqual((status, refused["type"]), (409, "urn:odordiff:problem:last-admin"))
        self.file.write_text("[[key", encoding="utf-8")
        self.assertEqual(self.ask("root", "DELETE", "/v1/admin/keys/ada")[0], 409)

    def test_an_erasure_names_a_subject_and_nothing_else(self):
        self.assertEqual(self.ask("root", "DELETE", "/v1/privacy/key:ada")[0], 200)
        for subject in ("ada", "key:ada?x=1"):
            self.assertEqual(self.ask("root", "DELETE", "/v1/privacy/" + subject)[0], 422, subject)

    def test_without_a_file_of_keys_there_are_none_to_see(self):
        open_server = Server(self, "--jobs-db", "none")
        self.assertEqual(open_server.ask("GET", "/v1/admin/keys")[0], 404)
        self.assertEqual(open_server.ask("GET", "/v1/admin/jobs")[0], 503)


if __name__ == "__main__":
    unittest.main()
