"""A whole fleet on loopback: jobs go through real workers, and survive the death of any part of it."""

import http.client
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
import own_home  # noqa: E402, F401

BIN = os.environ.get("ODORDIFF_BIN", "")
PYTHON = os.environ.get("ODORDIFF_PYTHON", "")


def alive(pid):
    """Whether the process runs; what has ended and was not waited for does not."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


class Fleet:
    def __init__(self, test, *options):
        self.folder = tempfile.TemporaryDirectory()
        test.addCleanup(self.folder.cleanup)
        command = [BIN, "fleet", "up", "--format", "json", "--port", "0", "--folder", self.folder.name, "--python", PYTHON]
        self.process = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        test.addCleanup(self.end)
        line = self.process.stdout.readline()
        assert line, self.process.communicate()[1]
        self.members = {member["name"]: member for member in json.loads(line)["members"]}

    def status(self):
        done = subprocess.run([BIN, "fleet", "status", "--format", "json", "--folder", self.folder.name],
                              capture_output=True, text=True, check=False)
        return done.returncode, {m["name"]: m for m in json.loads(done.stdout)["members"]} if done.stdout else {}

    def kill(self, name):
        os.kill(self.status()[1][name]["pid"], signal.SIGKILL)

    def ask(self, method, path, body=None, member="haproxy"):
        connection = http.client.HTTPConnection("127.0.0.1", self.members[member]["port"], timeout=60)
        try:
            connection.request(method, path, body and json.dumps(body), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read()
            try:
                return answer.status, json.loads(text)
            except ValueError as error:  # HAProxy's own
                raise ValueError(f"{method} {path}: {answer.status} {text[:300]}") from error
        finally:
            connection.close()

    def until(self, true, seconds=60):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if true():
                return
            time.sleep(0.05)
        raise AssertionError("not in time")

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=60)
        self.process.stdout.close()
        self.process.stderr.close()


class WholeFleet(unittest.TestCase):
    def test_jobs_survive_the_death_of_any_part(self):
        fleet = Fleet(self, "--api", "2", "--workers", "1", "--worker-processes", "1")
        code, members = fleet.status()
        self.assertEqual(code, 0, members)
        self.assertEqual(len(members), 3 + 3 + 2 + 1 + 1)

        # What one server computed the other one has.
        body = {"brief": "fresh rose", "count": 2}
        first = fleet.ask("POST", "/v1/generate", body, member="api-1")
        self.assertEqual(first, fleet.ask("POST", "/v1/generate", body, member="api-2"))
        self.assertEqual(first[0], 200)

        # Another machine's answer is this one's.
        prompt = {"prompt": "smoky leather", "num_molecules": 2}
        _, here = fleet.ask("POST", "/generate/scaled", prompt)
        _, there = fleet.ask("POST", "/generate/scaled", {**prompt, "use_distributed": True})
        self.assertEqual((here["distributed"], there["distributed"]), (False, True))
        self.assertEqual(here["molecules"], there["molecules"])

        count = 24
        status, job = fleet.ask("POST", "/v1/batches", {"briefs": [f"rose number {i}" for i in range(count)], "count": 2})
        self.assertEqual(status, 202, job)

        def done():
            try:
                status, now = fleet.ask("GET", f"/v1/jobs/{job['id']}")
            except (ValueError, OSError):  # its server is starting again: HAProxy's own 503, in HTML, or nothing
                return 0
            self.assertEqual(status, 200, now)
            return now["done"]

        owner = f"api-{int(job['id'][:2], 16)}"
        for part, progress in (("worker-1", 2), ("redis-1", 6), (owner, 10), ("sentinel-1", 14)):
            fleet.until(lambda: done() >= progress)
            fleet.kill(part)
        fleet.until(lambda: done() == count, 120)
        status, page = fleet.ask("GET", f"/v1/jobs/{job['id']}/results?limit=100")
        self.assertEqual((status, page["status"]), (200, "finished"))
        self.assertEqual(sorted(result["index"] for result in page["results"]), list(range(count)))
        self.assertFalse([result for result in page["results"] if result["failed"]])
        fleet.until(lambda: fleet.status()[0] == 0)

        pids = [member["pid"] for member in fleet.status()[1].values()]
        fleet.end()
        self.assertEqual(fleet.process.returncode, 0)
        fleet.until(lambda: not any(map(alive, pids)), 60)
        self.assertEqual(fleet.status()[0], 3)

    def test_connections_wait_for_an_haproxy_that_is_started_again(self):
        fleet = Fleet(self, "--api", "1", "--workers", "0")
        for _ in range(5):
            before = fleet.status()[1]["haproxy"]["pid"]
            fleet.kill("haproxy")
            fleet.until(lambda: not alive(before))
            # Its socket goes on listening, so this one is neither refused nor lost.
            began = time.monotonic()
            self.assertEqual(fleet.ask("GET", "/health")[0], 200)
            self.assertLess(time.monotonic() - began, 20)
            fleet.until(lambda: fleet.status()[0] == 0)

    def test_what_cannot_be_started_is_said(self):
        with tempfile.TemporaryDirectory() as folder:
            def fails(*options, code):
                done = subprocess.run([BIN, "fleet", "up", "--folder", folder, "--port", "0", *options],
                                      capture_output=True, text=True, check=False, timeout=60)
                self.assertEqual(done.returncode, code, done.stderr)
                return done.stderr
            self.assertIn("no-such-python cannot be found", fails("--python", "no-such-python", code=3))
            self.assertIn("worker-1 ended with exit status 1", fails("--python", "/usr/bin/python3", code=3))
            self.assertIn("--api", fails("--api", "0", code=2))
            self.assertFalse(pathlib.Path(folder, "fleet.json").exists())


if __name__ == "__main__":
    unittest.main()
