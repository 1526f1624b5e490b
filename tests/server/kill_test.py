"""Jobs outlive their server: killed with -9 while it works, it goes on after a restart; none is lost, none done twice."""

import os
import pathlib
import random
import signal
import subprocess
import tempfile
import unittest

from odordiff_server import Server, command

# A larger run: ODORDIFF_KILL_JOBS=200 ODORDIFF_KILL_PROMPTS=20 ODORDIFF_KILLS=10, some minutes.
JOBS, PROMPTS, KILLS = (int(os.environ.get(name, usual)) for name, usual in (
    ("ODORDIFF_KILL_JOBS", 8), ("ODORDIFF_KILL_PROMPTS", 5), ("ODORDIFF_KILLS", 4)))


def batch(number):
    return {"briefs": [f"rose with lemon, number {number} of {i}" for i in range(PROMPTS)],
            "count": 1, "effort": 0.5, "priority": number % 11}


def follow(server, job, results):
    """Reads the job's stream up to so many results, or to its end."""
    connection = server.connect()
    connection.request("GET", f"/v1/jobs/{job}/results", headers={"Accept": "application/x-ndjson"})
    for line in connection.getresponse():
        results -= b'"event":"result"' in line
        if results == 0 or b'"event":"done"' in line:
            break
    connection.close()


class KillNine(unittest.TestCase):
    def test_all_jobs_finish_none_twice_none_lost(self):
        chance = random.Random(9)
        with tempfile.TemporaryDirectory() as folder:
            database = pathlib.Path(folder, "jobs.db")
            server = Server(self, "--jobs-db", database)
            jobs = []
            for number in range(JOBS):
                status, job = server.ask("POST", "/v1/batches", batch(number), {"Idempotency-Key": str(number)})
                self.assertEqual(status, 202, job)
                jobs.append(job["id"])
            for kill in range(KILLS):
                # In the midst of a job's work: that is when there is something to lose. The urgent ones come first.
                order = sorted(range(JOBS), key=lambda number: (-(number % 11), number))
                follow(server, jobs[order[kill * JOBS // (KILLS + 1)]], chance.randint(1, PROMPTS - 1))
                self.assertEqual(server.end(signal.SIGKILL), -signal.SIGKILL)
                server = Server(self, "--jobs-db", database)
                status, again = server.ask("POST", "/v1/batches", batch(0), {"Idempotency-Key": "0"})
                self.assertEqual((status, again["id"]), (202, jobs[0]))
            for job in jobs:
                follow(server, job, -1)
                status, page = server.ask("GET", f"/v1/jobs/{job}/results?limit=100")
                self.assertEqual(status, 200)
                self.assertEqual((page["status"], page["complete"]), ("finished", True))
                self.assertEqual(sorted(result["index"] for result in page["results"]), list(range(PROMPTS)))
                self.assertFalse([result for result in page["results"] if result["failed"]])
            listed, cursor = [], ""
            while cursor is not None:
                _, page = server.ask("GET", f"/v1/jobs?limit=100{cursor and '&cursor=' + cursor}")
                listed += [job["id"] for job in page["jobs"]]
                cursor = page["next"]
            self.assertEqual(sorted(listed), sorted(jobs))
            self.assertEqual(server.end(), 0)

    def test_a_database_that_cannot_be_had_is_said_at_the_start(self):
        with tempfile.TemporaryDirectory() as folder:
            database = pathlib.Path(folder, "jobs.db")
            server = Server(self, "--jobs-db", database)
            for path, says in ((database, "another process owns"), (pathlib.Path(folder, "no/jobs.db"), "cannot open")):
                second = subprocess.run(command("--jobs-db", path), capture_output=True, text=True, timeout=60, check=False)
                self.assertNotEqual(second.returncode, 0)
                self.assertIn(says, second.stderr)
                self.assertIn("--jobs-db", second.stderr)
            self.assertEqual(server.end(), 0)


if __name__ == "__main__":
    unittest.main()
