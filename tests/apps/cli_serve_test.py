"""The real server's configuration: explained, checked, and read again on SIGHUP."""

import contextlib
import json
import signal
import socket
import subprocess
import time
import unittest
import urllib.error
import urllib.request

from cli import BIN, CliTest, environment


class Running:
    """`odordiff serve` on a free port, ready."""

    def __init__(self, *args, **variables):
        command = [BIN, "serve", "--port", "0", "--log-level", "info", *args]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(**variables)
        )
        self.url = self.process.stdout.readline().split(" ready on ")[1].split()[0]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.log += self.process.communicate(timeout=60)[1]
        assert self.process.returncode == 0, self.process.returncode

    log = ""

    def log_line(self, message):
        """The next line of the log with this message."""
        for line in self.process.stderr:
            self.log += line
            if json.loads(line)["message"] == message:
                return json.loads(line)
        raise AssertionError(f"the log ended without {message!r}: {self.log}")

    def hang_up(self, message="configuration read again"):
        self.process.send_signal(signal.SIGHUP)
        return self.log_line(message)

    def get(self, path, **headers):
        return urllib.request.urlopen(urllib.request.Request(self.url + path, headers=headers), timeout=60)


class ServeTest(CliTest):
    def write(self, text):
        (self.folder / "odordiff.toml").write_text(text, encoding="utf-8")
        return str(self.folder / "odordiff.toml")


class Config(ServeTest):
    def test_the_check_says_what_counts_and_where_it_comes_from(self):
        file = self.write("[server]\nport = 8001\nworkers = 2\n")
        out = self.works(
            "config", "check", "--config", file, "--port", "8003", "--format", "json",
            env=environment(ODORDIFF_SERVER_WORKERS="3"),
        )
        found = {s["path"]: (s["value"], s["from"], s["where"]) for s in json.loads(out)["settings"]}
        self.assertEqual(found["server.port"], (8003, "flag", "--port"))
        self.assertEqual(found["server.workers"], (3, "environment", "ODORDIFF_SERVER_WORKERS"))
        self.assertEqual(found["server.max_queue"], (64, "default", None))
        table = self.works("config", "check", env=environment(ODORDIFF_CONFIG=file))
        self.assertIn(f"{file}:2", table)

    def test_faults_end_check_and_serve_alike(self):
        file = self.write("[server]\nprot = 1\n")
        for command in (("config", "check"), ("serve",)):
            self.fails(2, *command, "--config", file, says=(f"{file}:2", "did you mean server.port?"))
            self.fails(3, *command, "--config", str(self.folder / "none"), says="cannot read")
            self.fails(2, *command, "--workers", "0", says="--workers takes a whole number from 1 to 256")

    def test_files_that_are_not_there_are_named(self):
        for flag in ("--tls-cert", "--warm-up", "--keys-file", "--model"):
            none = str(self.folder / "none")
            more = ("--tls-key", none) if flag == "--tls-cert" else ()
            self.fails(3, "config", "check", flag, none, *more, says=none)
        self.fails(2, "config", "check", "--tls-cert", "x.pem", says="--tls-key")

    def test_the_example_is_a_valid_file(self):
        file = self.write(self.works("config", "example"))
        self.works("config", "check", "--config", file)


class Reload(ServeTest):
    def test_a_hangup_reads_safe_settings_again_and_a_bad_file_changes_nothing(self):
        file = self.write("[server]\nmax_queue = 10\n")
        with Running("--config", file) as server:
            self.write("[server]\nmax_queue = 11\n[cache]\ndefault_ttl_s = 5\n")
            self.assertEqual(server.hang_up()["needs_restart"], ["server.max_queue"])
            request = urllib.request.Request(
                server.url + "/v1/generate", b'{"brief": "rose", "count": 1}', {"Content-Type": "application/json"}
            )
            urllib.request.urlopen(request, timeout=60).read()
            with urllib.request.urlopen(request, timeout=60) as answer:
                self.assertRegex(answer.headers["Cache-Control"], r"max-age=[0-5]$")
            self.write("[server\n")
            line = server.hang_up("the configuration is wrong; nothing was changed")
            self.assertIn(f"{file}:1", line["error"])
            with server.get("/health/detailed") as answer:
                self.assertEqual(json.load(answer)["components"]["queue"]["capacity"], 10)


    def test_a_file_that_has_lost_its_keys_does_not_open_the_server(self):
        made = json.loads(self.works("keys", "new", "--name", "ada", "--role", "viewer", "--format", "json"))
        keys = self.folder / "keys.toml"
        keys.write_text(made["entry"], encoding="utf-8")
        file = self.write(f'[auth]\nkeys_file = "{keys}"\n')
        with Running("--config", file) as server:
            self.write("")
            line = server.hang_up("the configuration is wrong; nothing was changed")
            self.assertIn("restart", line["error"])
            with self.assertRaises(urllib.error.HTTPError) as refused:
                server.get("/stats")
            self.assertEqual(refused.exception.code, 401)
            refused.exception.close()


class Descriptors(ServeTest):
    def test_what_a_server_says_does_not_land_in_its_files(self):
        database = self.folder / "jobs.db"
        with socket.create_server(("127.0.0.1", 0)) as found:
            port = found.getsockname()[1]
        line = f'exec "$0" serve --port {port} --jobs-db {database} 0<&- 1>&- 2>&-'
        server = subprocess.Popen(["sh", "-c", line, BIN], env=environment())
        self.addCleanup(server.wait)
        self.addCleanup(server.terminate)

        def answers():
            with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=60) as answer:
                return answer.status == 200
            return False

        deadline = time.monotonic() + 60
        while not answers() and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertTrue(answers())
        self.assertEqual((self.folder / "jobs.db.lock").read_bytes(), b"")

    def test_too_low_a_limit_of_open_files_is_said(self):
        command = f'ulimit -n 300; exec "$0" serve --port 0 --jobs-db none'
        server = subprocess.Popen(["sh", "-c", command, BIN], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                  env=environment())
        self.assertIn(" ready on ", server.stdout.readline())
        server.terminate()
        self.assertIn("fewer files may be open than connections are allowed", server.communicate(timeout=60)[1])


class Stop(ServeTest):
    def test_a_server_that_is_still_starting_ends_too(self):
        for wait_ms in range(0, 200, 10):  # it is ready after 150 ms or so
            server = subprocess.Popen([BIN, "serve", "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                      env=environment())
            time.sleep(wait_ms / 1000)
            server.terminate()
            said = server.communicate(timeout=30)[0]
            self.assertIn(server.returncode, (0,) if b" ready on " in said else (0, 143, -signal.SIGTERM))


class Keys(ServeTest):
    def status(self, server, path, **headers):
        try:
            with server.get(path, **headers) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code

    def test_a_fresh_key_opens_the_server_and_reloading_closes_it_again(self):
        made = json.loads(self.works("keys", "new", "--name", "ada", "--role", "admin", "--format", "json"))
        other = self.works("keys", "new", "--name", "bob", "--role", "viewer", "--rate-limit", "2")
        self.assertRegex(other, r"odk_[\w-]{43}\n")
        keys = self.folder / "keys.toml"
        keys.write_text(made["entry"] + other[other.index("[[key]]") :], encoding="utf-8")
        self.assertNotIn(made["key"], keys.read_text(encoding="utf-8"))
        audit = self.folder / "audit.jsonl"
        bearer = {"Authorization": f"Bearer {made['key']}"}
        with Running("--keys-file", str(keys), "--audit-file", str(audit)) as server:
            self.assertEqual(self.status(server, "/stats"), 401)
            self.assertEqual(self.status(server, "/health"), 200)
            self.assertEqual(self.status(server, "/stats", **bearer), 200)
            audit.rename(self.folder / "audit.jsonl.1")
            keys.write_text(other[other.index("[[key]]") :], encoding="utf-8")
            server.hang_up()
            self.assertEqual(self.status(server, "/stats", **bearer), 401)
            keys.write_text("", encoding="utf-8")
            line = server.hang_up("the configuration is wrong; nothing was changed")
            self.assertIn("holds no key", line["error"])
            self.assertEqual(self.status(server, "/stats"), 401)
        text = (self.folder / "audit.jsonl.1").read_text() + audit.read_text()
        lines = [json.loads(line) for line in text.splitlines()]
        self.assertEqual([line["status"] for line in lines], [401, 200, 401, 401])
        self.assertEqual(lines[1]["subject"], "key:ada")
        self.assertTrue(audit.read_text())
        self.assertNotIn(made["key"], server.log + audit.read_text())
        self.assertNotIn("no authentication", server.log)

    def test_the_heap_has_a_profile_where_allocations_are_sampled(self):
        with Running("--enable-profiling", TCMALLOC_SAMPLE_PARAMETER="65536") as server:
            with urllib.request.urlopen(server.url + "/debug/pprof/heap") as answer:
                profile = answer.read().decode()
            self.assertRegex(profile, r"^heap profile: +\d+: +\d+ \[")
            self.assertIn("MAPPED_LIBRARIES", profile)
        with Running("--enable-profiling") as server:
            with self.assertRaises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(server.url + "/debug/pprof/heap")
            with refused.exception as answer:
                self.assertEqual(answer.code, 503)
                self.assertIn("TCMALLOC_SAMPLE_PARAMETER", json.load(answer)["detail"])

    def test_an_open_server_says_so(self):
        with Running() as server:
            self.assertEqual(self.status(server, "/v1/privacy/x"), 405)
        self.assertIn("no authentication: whoever reaches the address may use it", server.log)

    def test_faults_of_keys_are_named(self):
        self.fails(2, "keys", "new", "--name", "a b", says="--name takes 1 to 64 letters")
        self.fails(2, "keys", "new", "--name", "a", "--role", "boss", says="--role takes viewer, chemist, admin")
        file = self.write('[[key]]\nname = "a"\n')
        for command in (("config", "check"), ("serve", "--port", "0")):
            self.fails(2, *command, "--keys-file", file, says=(f"{file}:1", "sha256 is missing"))
            self.fails(2, *command, "--trusted-proxies", "10.0.0.0/8,x", says='"x" is no address')


if __name__ == "__main__":
    unittest.main()
