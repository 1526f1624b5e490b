"""Answers of one model, precision, program or table are never served by a server of another, whatever the two share."""

import http.client
import json
import pathlib
import shutil
import tempfile
import unittest

from odordiff_server import MODEL, ROOT, Server
from redis_test import BRIEF, Redis, until

ROUTINE = ["--redis-timeout", 5000, "--jobs-db", "none", "--max-wait", 100, "--deadline", 100]


def copied_installation(test):
    """A model folder with tables beside it that the test may change; weights are links."""
    folder = tempfile.TemporaryDirectory()
    test.addCleanup(folder.cleanup)
    share = pathlib.Path(folder.name)
    model = share / "models/odordiff2"
    model.mkdir(parents=True)
    for file in pathlib.Path(MODEL).iterdir():
        (model / file.name).symlink_to(file)
    for table in ("safety", "synthesis"):
        shutil.copytree(ROOT / "data" / table, share / "data" / table)
    return share, model


class TwoServersOnOneRedis(unittest.TestCase):
    def setUp(self):
        self.redis = Redis(self)

    def server(self, *options):
        server = Server(self, "--redis-url", self.redis.url, *ROUTINE, *options)
        until(lambda: server.ask("GET", "/health/detailed")[1]["components"]["redis"]["connections"] >= 3)
        return server

    def answered(self, server):
        """The answer, once it lies in Redis."""
        stored = server.ask("GET", "/stats")[1]["cache"]["tiers"]["redis"]["stored"]
        status, answer = server.ask("POST", "/v1/generate", BRIEF)
        self.assertEqual(status, 200, answer)
        until(lambda: server.ask("GET", "/stats")[1]["cache"]["tiers"]["redis"]["stored"] > stored)
        return answer

    def assert_own(self, one, other):
        """Each computes its own, and says of which model it is. `one` comes first."""
        answers = [self.answered(server) for server in (one, other)]
        digests = [server.ask("GET", "/health/detailed")[1]["components"]["model"]["digest"] for server in (one, other)]
        self.assertEqual(digests, [answer["model"]["digest"] for answer in answers])
        self.assertNotEqual(*digests)
        for server in (one, other):
            self.assertEqual(server.ask("GET", "/stats")[1]["cache"]["tiers"]["redis"]["hits"], 0)
            self.assertEqual(server.ask("GET", "/stats")[1]["generation"]["answers"], 1)
        tags = [self.etag(server) for server in (one, other)]
        self.assertNotEqual(*tags)
        self.assertEqual(self.etag(other, tags[0])[0], 200, "another one's tag says nothing")
        return answers

    def etag(self, server, known=None):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        headers = {"Content-Type": "application/json", "Accept": "text/csv"}
        connection.request("POST", "/v1/generate", json.dumps(BRIEF), {**headers, **({"If-None-Match": known} if known else {})})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return (answer.status,) if known else answer.getheader("ETag")

    def test_that_differ_in_precision(self):
        self.assert_own(self.server(), self.server("--precision", "int8"))

    def test_that_differ_in_the_model(self):
        _, model = copied_installation(self)
        config = json.loads((model / "config.json").read_text(encoding="utf-8"))
        config["version"] = "another"
        (model / "config.json").unlink()
        (model / "config.json").write_text(json.dumps(config), encoding="utf-8")
        one, other = self.assert_own(self.server(), self.server("--model", model))
        self.assertEqual(other["model"]["version"], "another")
        self.assertEqual(one["molecules"], other["molecules"])

    def test_that_differ_in_a_table_of_safety(self):
        """What is newly forbidden is gone at once, although it lies in Redis."""
        one = self.server()
        smiles = Server(self, *ROUTINE).ask("POST", "/v1/generate", BRIEF)[1]["molecules"][0]["smiles"]
        share, model = copied_installation(self)
        with (share / "data/safety/controlled.tsv").open("a", encoding="utf-8") as table:
            table.write(f"OPCW-1\tcontrolled\tNewly forbidden\t\tfamily\t{smiles}\t\t\tof this test\n")
        other = self.server("--model", model)
        before, answer = self.assert_own(one, other)
        self.assertIn(smiles, [molecule["smiles"] for molecule in before["molecules"]])
        self.assertNotIn(smiles, [molecule["smiles"] for molecule in answer["molecules"]])
        self.assertEqual(other.ask("POST", "/v1/assess", {"smiles": [smiles]})[1]["molecules"][0]["forbidden"], True)

    def test_that_differ_in_nothing_share(self):
        one, other = self.server(), self.server("--model", copied_installation(self)[1])
        self.assertEqual(self.answered(one), other.ask("POST", "/v1/generate", BRIEF)[1])
        self.assertEqual(other.ask("GET", "/stats")[1]["cache"]["tiers"]["redis"]["hits"], 1)


if __name__ == "__main__":
    unittest.main()
