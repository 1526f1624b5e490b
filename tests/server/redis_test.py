"""Servers that share one Redis: what one computed is a hit at the other; purges reach both; without Redis all goes on."""

import concurrent.futures
import itertools
import pathlib
import signal
import socket
import subprocess
import tempfile
import time
import unittest

from odordiff_server import Server, command, free_port

BRIEF = {"brief": "fresh-cut grass after rain", "count": 1, "seed": 7}


class Redis:
    """A redis-server of its own; ended with its test at the latest."""

    def __init__(self, test):
        self.port = free_port()
        folder = tempfile.TemporaryDirectory()
        test.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.process = None
        test.addCleanup(self.kill)
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "redis-server", "--port", str(self.port), "--bind", "127.0.0.1",
             "--dir", str(self.folder), "--save", "", "--appendonly", "no"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(lambda: self.ask("PING") == "+PONG")

    def ask(self, *words):
        """The first line of the answer, as the protocol has it; None while there is no server."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
                text = f"*{len(words)}\r\n" + "".join(f"${len(word)}\r\n{word}\r\n" for word in words)
                connection.sendall(text.encode())
                return connection.makefile().readline().strip()
        except OSError:
            return None

    def keys(self, pattern):
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall(f"KEYS {pattern}\r\n".encode())
            lines = connection.makefile()
            return [(lines.readline(), lines.readline().strip())[1] for _ in range(int(lines.readline()[1:]))]

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(timeout=60)

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}/0"


def until(holds, limit_s=30):
    """Asks again and again whether it holds."""
    end = time.monotonic() + limit_s
    while not holds():
        assert time.monotonic() < end, "it did not become true in time"
        time.sleep(0.005)


class SharedAnswers(unittest.TestCase):
    def setUp(self):
        self.redis = Redis(self)
        self.servers = [self.server(), self.server()]

    def server(self):
        # Patience for a machine that does other things as well.
        server = Server(self, "--redis-url", self.redis.url, "--redis-timeout", 5000, "--jobs-db", "none",
                        "--max-queue", 200, "--max-wait", 100, "--deadline", 100)
        until(lambda: self.redis_of(server)["status"] == "healthy" and self.redis_of(server)["connections"] >= 3)
        return server

    @staticmethod
    def redis_of(server):
        status, health = server.ask("GET", "/health/detailed")
        assert status == 200, health
        return health["components"]["redis"]

    def tiers(self, server):
        return server.ask("GET", "/stats")[1]["cache"]["tiers"]

    def computed(self):
        return sum(server.ask("GET", "/stats")[1]["generation"]["answers"] for server in self.servers)

    def test_what_one_computed_is_a_hit_at_the_other(self):
        one, other = self.servers
        status, answer = one.ask("POST", "/v1/generate", BRIEF)
        self.assertEqual(status, 200, answer)
        until(lambda: self.redis.keys("odordiff:answer:*}"))
        self.assertEqual(other.ask("POST", "/v1/generate", BRIEF), (200, answer))
        self.assertEqual(self.computed(), 1)
        self.assertEqual(self.tiers(other)["redis"]["hits"], 1)
        self.assertEqual(self.tiers(other)["memory"]["from_below"], 1)
        # What is found may be kept by others, who know it by its key.
        connection = other.connect()
        connection.request("POST", "/v1/generate", '{"brief": "fresh-cut grass after rain", "count": 1, "seed": 7}',
                           {"Content-Type": "application/json"})
        found = connection.getresponse()
        found.read()
        connection.close()
        self.assertTrue(found.getheader("Surrogate-Key"))
        self.assertIn("max-age", found.getheader("Cache-Control"))

    def test_what_a_hundred_want_at_once_is_computed_once(self):
        with concurrent.futures.ThreadPoolExecutor(100) as pool:
            answers = list(pool.map(lambda i: self.servers[i % 2].ask("POST", "/v1/generate", BRIEF), range(100)))
        self.assertEqual({status for status, _ in answers}, {200})
        self.assertEqual(len({str(answer["molecules"]) for _, answer in answers}), 1)
        self.assertEqual(self.computed(), 1)

    def test_a_purge_reaches_both(self):
        one, other = self.servers
        model = one.ask("GET", "/health")[1]["model"]
        times = []
        for body in ({"tags": [model]}, {"all": True}):
            for server in self.servers:
                self.assertEqual(server.ask("POST", "/v1/generate", BRIEF)[0], 200)
            self.assertEqual(self.tiers(other)["memory"]["items"], 1)
            before = time.monotonic()
            status, purged = one.ask("POST", "/v1/cache/purge", body)
            self.assertEqual((status, purged), (200, {"purged_here": purged["purged_here"], "elsewhere": "told", "edge": "none"}))
            until(lambda: self.tiers(other)["memory"]["items"] == 0)
            times.append(time.monotonic() - before)
        print(f"purged everywhere after {', '.join(f'{1000 * took:.0f} ms' for took in times)}, asking by HTTP included")
        self.assertEqual(self.computed(), 2)
        for wrong in ({"all": False}, {"all": True, "tags": ["x"]}, {"tags": []}, {"tags": [1]}, {"what": 1}):
            self.assertEqual(one.ask("POST", "/v1/cache/purge", wrong)[0], 422, wrong)

    def test_a_poisoned_entry_is_computed_anew(self):
        one, other = self.servers
        self.assertEqual(one.ask("POST", "/v1/generate", BRIEF)[0], 200)
        until(lambda: self.redis.keys("odordiff:answer:*}"))
        self.redis.ask("SET", self.redis.keys("odordiff:answer:*}")[0], "poison")
        self.assertEqual(other.ask("POST", "/v1/generate", BRIEF)[0], 200)
        self.assertEqual(self.computed(), 2)
        self.assertEqual(self.tiers(other)["redis"]["poisoned"], 1)

    def test_without_redis_all_goes_on_at_once(self):
        one, _ = self.servers
        self.assertEqual(one.ask("POST", "/v1/generate", BRIEF)[0], 200)
        self.redis.kill()
        # The first calls notice; later ones do not even ask.
        until(lambda: self.redis_of(one)["breaker"] != "closed")
        self.assertEqual(one.ask("GET", "/health/detailed")[1]["status"], "degraded")
        self.assertEqual(one.ask("GET", "/health")[0], 200)
        before = self.tiers(one)["redis"]["misses"]
        began = time.monotonic()
        status, answer = one.ask("POST", "/v1/generate", {**BRIEF, "seed": 8})
        self.assertEqual(status, 200, answer)
        print(f"an answer without Redis took {time.monotonic() - began:.2f} s")
        self.assertEqual(self.tiers(one)["redis"]["misses"], before + 1)
        status, purged = one.ask("POST", "/v1/cache/purge", {"all": True})
        self.assertEqual((status, purged["elsewhere"]), (200, "later"))
        self.redis.start()
        until(lambda: self.redis_of(one)["status"] == "healthy")
        self.assertEqual(one.ask("GET", "/health/detailed")[1]["status"], "healthy")

        # What is computed while the purge is made up for is not kept; what comes later is.
        seeds = itertools.count(9)

        def shared_again():
            self.assertEqual(one.ask("POST", "/v1/generate", {**BRIEF, "seed": next(seeds)})[0], 200)
            return self.redis.keys("odordiff:answer:*}")
        until(shared_again)


class WithoutRedis(unittest.TestCase):
    def test_a_server_starts_and_answers_though_redis_is_not_there(self):
        server = Server(self, "--redis-host", "127.0.0.1", "--redis-port", free_port(), "--jobs-db", "none")
        self.assertEqual(server.ask("POST", "/v1/generate", BRIEF)[0], 200)
        until(lambda: server.ask("GET", "/health/detailed")[1]["status"] == "degraded")
        self.assertEqual(server.end(), 0)

    def test_a_wrong_url_is_said_at_the_start_without_its_password(self):
        ended = subprocess.run(command("--redis-url", "http://me:secret@host"), capture_output=True, text=True,
                               timeout=60, check=False)
        self.assertEqual(ended.returncode, 2)
        self.assertIn("redis://", ended.stderr)
        self.assertNotIn("secret", ended.stderr)


if __name__ == "__main__":
    unittest.main()
