"""What a subject left at the broker and in the shared cache is gone after an erasure."""

import json
import os
import subprocess
import urllib.request

from conftest import *  # noqa: F403
from fleet import until
from odordiff import Client


def test_jobs_answers_and_what_waits_for_workers_are_erased(broker, start, tmp_path):
    server = subprocess.Popen(
        [os.environ["ODORDIFF_BIN"], "serve", "--port", "0", "--jobs-db", tmp_path / "jobs.db", "--broker-url", broker.url,
         "--redis-url", broker.url, "--redis-timeout", "5000", "--broker-prompts", "2"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        url = server.stdout.readline().split(" ready on ")[1].split()[0]
        client = Client(url)

        def erase():
            request = urllib.request.Request(url + "/v1/privacy/anonymous", method="DELETE")
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["erased"]

        def everything():
            """All that Redis holds, as text."""
            found = []
            for key in broker.client.scan_iter("*"):
                kind = broker.client.type(key)
                found.append(broker.client.get(key) if kind == b"string" else b"".join(broker.client.lrange(key, 0, -1))
                             if kind == b"list" else b"")
            return b"".join(found).decode(errors="replace")

        cancelled = client.submit_batch([f"rose number {i}" for i in range(20)], 1)
        until(lambda: broker.client.llen("batch\x06\x165") == 2, 60)
        cancelled.cancel()
        until(lambda: broker.client.llen("batch\x06\x165") == 0, 60)  # nobody works for nobody

        client.submit_batch(["rose petals on warm stone"] * 20, 1)
        until(lambda: broker.client.llen("batch\x06\x165") == 2, 60)  # no worker takes them
        client.generate("rose petals on warm stone", num_molecules=1)
        until(lambda: broker.client.keys("odordiff:answer:*}"), 60)
        erased = erase()
        assert erased["open_jobs"] == 1 and erased["cached_answers"] >= 1, erased
        until(lambda: broker.client.llen("batch\x06\x165") == 0, 60)  # by the erasure, or by the job's end
        assert not broker.client.keys("odordiff:answer:*")
        assert client._http.send("GET", "/v1/jobs")["jobs"] == []

        start("-c", "1", "-Q", "batch").ready()
        job = client.submit_batch(["smoke over wet leaves", "iris root"], 1)
        assert len(list(job.results())) == 2
        assert "smoke over wet leaves" in everything()
        erased = erase()
        assert erased["open_jobs"] == 0 and erased["broker_messages"] == 2, erased
        assert "smoke over wet leaves" not in everything()
    finally:
        server.kill()
        server.wait()
        server.stdout.close()
