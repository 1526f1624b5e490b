"""What one key may use: requests, samples, unfinished jobs and streams; on one server, and on servers that share a Redis."""

import contextlib
import json
import pathlib
import subprocess
import tempfile
import unittest

from odordiff_server import BIN, Server, eventually
from redis_test import Redis

BRIEF = {"brief": "rose", "count": 1}


def text_of(server, path, headers):
    connection = server.connect()
    with contextlib.closing(connection):
        connection.request("GET", path, headers=headers)
        return connection.getresponse().read().decode()


class Quotas(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.names = 0

    def keys(self, *limits):
        """The headers of an administrator's key without limits, and of a chemist's with these; their file."""
        made = [json.loads(subprocess.run([BIN, "keys", "new", "--format", "json", "--name", name, "--role", role, *more],
                                          capture_output=True, text=True, timeout=60, check=True).stdout)
                for name, role, more in (("ada", "admin", ("--rate-limit", "0")), ("bob", "chemist", limits))]
        file = self.folder / "keys.toml"
        file.write_text("\n".join(key["entry"] for key in made), encoding="utf-8")
        return *({"X-API-Key": key["key"]} for key in made), file

    def serve(self, file, *options):
        self.names += 1
        return Server(self, "--keys-file", file, "--jobs-db", self.folder / f"jobs{self.names}.db", *options)

    def assert_refused(self, answer, status, kind, words):
        self.assertEqual(answer[0], status, answer)
        self.assertIn(kind, answer[1]["type"])
        self.assertIn(words, answer[1]["detail"])

    def test_samples_an_hour(self):
        ada, bob, file = self.keys("--sample-limit", "40")
        server = self.serve(file)
        self.assertEqual(server.ask("POST", "/v1/generate", BRIEF, bob)[0], 200)
        self.assertEqual(server.ask("POST", "/v1/generate", BRIEF, bob)[0], 200)  # this server's memory has it
        refusals = [server.ask("POST", "/v1/generate", {**BRIEF, "seed": seed}, bob) for seed in range(1, 6)]
        self.assert_refused(refusals[-1], 429, "quota-reached", "samples an hour")
        large = {"briefs": ["rose"] * 100, "count": 5}
        self.assert_refused(server.ask("POST", "/v1/batches", large, bob), 403, "beyond-quota", "key:bob may draw 40 an hour")
        self.assert_refused(server.ask("POST", "/v1/design", {"top": "lemon", "heart": "rose", "base": "musk"}, bob),
                            403, "beyond-quota", "samples")
        self.assertEqual(server.ask("POST", "/v1/batches", large, ada)[0], 202)

    def test_unfinished_jobs(self):
        ada, bob, file = self.keys("--job-limit", "2")
        server = self.serve(file)
        batch = {"briefs": ["rose"] * 1000, "count": 100}
        first, second = (server.ask("POST", "/v1/batches", batch, bob) for _ in range(2))
        self.assertEqual((first[0], second[0]), (202, 202))
        self.assert_refused(server.ask("POST", "/v1/batches", batch, bob), 429, "quota-reached", "unfinished jobs")
        self.assertEqual(server.ask("POST", "/v1/batches", batch, ada)[0], 202)
        self.assertEqual(server.ask("DELETE", f"/v1/jobs/{first[1]['id']}", headers=bob)[0], 200)
        self.assertEqual(server.ask("POST", "/v1/batches", batch, bob)[0], 202)

    def follow(self, server, job, who):
        """A stream that stays open; its status."""
        connection = server.connect()
        self.addCleanup(connection.close)
        connection.request("GET", f"/v1/jobs/{job}/results", headers={"Accept": "text/event-stream", **who})
        return connection, connection.getresponse().status

    def test_streams(self):
        _, bob, file = self.keys("--stream-limit", "2")
        server = self.serve(file)
        job = server.ask("POST", "/v1/batches", {"briefs": ["rose"] * 1000, "count": 100}, bob)[1]["id"]
        first, second, third = (self.follow(server, job, bob) for _ in range(3))
        self.assertEqual([status for _, status in (first, second, third)], [200, 200, 429])
        first[0].close()
        self.assertTrue(eventually(lambda: self.follow(server, job, bob)[1] == 200))

    def test_requests_of_a_fleet(self):
        _, bob, file = self.keys("--rate-limit", "20")
        redis = Redis(self)
        servers = [self.serve(file, "--redis-url", redis.url) for _ in range(2)]
        allowed = sum(servers[i % 2].ask("GET", "/v1/jobs", headers=bob)[0] == 200 for i in range(60))
        # What the other one allowed is known some milliseconds late.
        self.assertGreaterEqual(allowed, 20)
        self.assertLessEqual(allowed, 24)
        self.assertFalse([key for key in redis.keys("*") if "bob" in key])

    def test_a_servers_share_while_redis_is_away(self):
        ada, bob, file = self.keys("--rate-limit", "20")
        redis = Redis(self)
        servers = [self.serve(file, "--redis-url", redis.url) for _ in range(2)]

        def all_see(metric, value):
            return all(f"\n{metric} {value}\n" in text_of(server, "/metrics", ada) for server in servers)
        self.assertTrue(eventually(lambda: all_see("odordiff_limits_servers", 2)))
        self.assertTrue(all_see("odordiff_limits_share", 1))
        redis.kill()
        self.assertTrue(eventually(lambda: all_see("odordiff_limits_share", 2)))
        allowed = [0, 0]
        for i in range(60):
            allowed[i % 2] += servers[i % 2].ask("GET", "/v1/jobs", headers=bob)[0] == 200
        for of_one in allowed:
            self.assertGreaterEqual(of_one, 10)
            self.assertLessEqual(of_one, 13)  # some come back meanwhile
        redis.start()
        self.assertTrue(eventually(lambda: all_see("odordiff_limits_share", 1)))

    def test_jobs_and_streams_of_a_fleet(self):
        _, bob, file = self.keys("--job-limit", "2", "--stream-limit", "2", "--rate-limit", "0")
        redis = Redis(self)
        servers = [self.serve(file, "--redis-url", redis.url) for _ in range(2)]
        batch = {"briefs": ["rose"] * 1000, "count": 100}
        jobs = [servers[0].ask("POST", "/v1/batches", batch, bob)[1]["id"] for _ in range(2)]
        # The first one there is let through: before it that server did not know this key.
        self.assertTrue(eventually(lambda: servers[1].ask("POST", "/v1/batches", batch, bob)[0] == 429))
        streams = [self.follow(servers[0], jobs[0], bob) for _ in range(2)]
        self.assertEqual([status for _, status in streams], [200, 200])
        known = servers[1].ask("GET", "/v1/jobs", headers=bob)[1]["jobs"]
        if known:
            self.assertTrue(eventually(lambda: self.follow(servers[1], known[0]["id"], bob)[1] == 429))


if __name__ == "__main__":
    unittest.main()
