"""The client against a real server."""

import asyncio
import gc
import os
import pathlib
import socket
import subprocess
import threading

import pytest

from conftest import BIN
from odordiff import Client, InvalidInput, OdorDiffError, Overloaded, Unavailable


class CuttingProxy:
    """Passes bytes on to a server, and cuts each connection behind so many bytes of answers, doubled each time."""

    def __init__(self, port, limit):
        self._target, self._limit, self.connections = ("127.0.0.1", port), limit, 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._pass_on, args=(client, self._limit), daemon=True).start()
            self._limit *= 2

    def _pass_on(self, client, limit):
        with socket.create_connection(self._target) as server, client:
            back = threading.Thread(target=self._copy, args=(client, server), daemon=True)
            back.start()
            while limit > 0 and (data := server.recv(min(4096, limit))):
                client.sendall(data)
                limit -= len(data)
            for end in (client, server):
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:  # it was closed from the other side
                    pass

    @staticmethod
    def _copy(source, target):
        try:
            while data := source.recv(4096):
                target.sendall(data)
        except OSError:
            pass

    def close(self):
        self._listener.close()


@pytest.fixture
def cutting():
    made = []

    def make(server, limit):
        made.append(CuttingProxy(int(server.port), limit))
        return made[-1]

    yield make
    for proxy in made:
        proxy.close()


def test_answers_are_those_of_the_engine(model, serve):
    client = Client(serve().url)
    assert client.generate("rose", 3, seed=4) == model.generate("rose", 3, seed=4)
    assert list(client.stream("rose", 4, seed=4)) and client.design_fragrance("citrus").raw == model.design_fragrance("citrus").raw
    smiles = "CC(=O)OC/C=C(/C)CCC=C(C)C"  # what a path must quote
    for ask in ("predict_odor_profile", "full_safety_assessment", "suggest_synthesis_routes", "describe", "understand"):
        assert getattr(client, ask)(smiles) == getattr(model, ask)(smiles), ask
    assert client.nearest("rose", count=2) == model.nearest("rose", count=2)
    client.close()


def test_async_answers_and_streams(model, serve):
    async def work(url):
        client = Client(url)
        answer = await client.generate_async("rose", 3, seed=4)
        stream = client.stream("rose", 5, seed=4)
        ranks = [m.rank async for m in stream]
        job = await client.submit_batch_async(["rose", "musk"], 1)
        results = [r.index async for r in job.results_async()]
        status = await job.wait_async(timeout=30)
        await client.aclose()
        return answer, ranks, stream.result, results, status

    answer, ranks, result, results, status = asyncio.run(work(serve().url))
    assert answer == model.generate("rose", 3, seed=4)
    assert sorted(ranks) == [1, 2, 3, 4, 5] and result == model.generate("rose", 5, seed=4)
    assert sorted(results) == [0, 1] and status["status"] == "finished"


def test_one_event_loop_after_another_leaves_no_connections_behind(serve):
    def sockets():
        gc.collect()
        links = [pathlib.Path(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd")]
        return sum(os.readlink(link).startswith("socket:") for link in links if link.is_symlink())

    client, counts = Client(serve().url), []
    for _ in range(4):
        asyncio.run(client.generate_async("rose", 1))
        counts.append(sockets())
    assert counts[-1] <= counts[0]


def test_errors_are_of_the_engines_kinds(serve):
    client = Client(serve().url)
    with pytest.raises(InvalidInput) as raised:
        client.generate("rose", 1000)
    assert [pointer for pointer, _ in raised.value.fields] == ["/count"]
    with pytest.raises(InvalidInput):
        list(client.stream("rose", 1000))
    with pytest.raises(InvalidInput):
        client.predict_odor_profile("C1CC")
    with pytest.raises(InvalidInput):
        client.job("nobody").status()
    with pytest.raises(Unavailable, match="cannot be reached"):
        Client("http://127.0.0.1:1", attempts=2).understand("rose")


def test_a_key_is_sent(serve, tmp_path):
    keys = tmp_path / "keys.toml"
    made = subprocess.run([BIN, "keys", "new", "--name", "me", "--role", "chemist"], capture_output=True, text=True, check=True)
    keys.write_text(made.stdout[made.stdout.index("[[key]]"):])
    key = next(line for line in made.stdout.splitlines() if line.startswith("odk_"))
    url = serve("--keys-file", str(keys)).url
    assert len(Client(url, api_key=key).generate("rose", 1)) == 1
    with pytest.raises(InvalidInput):
        Client(url, api_key="odk_wrong").generate("rose", 1)


def test_what_is_too_much_is_asked_again_when_the_server_says(serve):
    url = serve("--rate-limit", "30").url
    impatient, patient = Client(url, attempts=1), Client(url)
    with pytest.raises(Overloaded) as raised:
        for _ in range(60):
            impatient.understand("rose")
    assert raised.value.retry_after >= 1
    assert patient.understand("rose").understood


def test_a_broken_stream_goes_on(model, serve, cutting):
    proxy = cutting(serve(), 3_000)
    stream = Client(proxy.url, attempts=9).stream("rose", 8, seed=4)
    assert sorted(m.rank for m in stream) == list(range(1, 9))
    assert stream.result == model.generate("rose", 8, seed=4)
    assert proxy.connections > 2


def test_a_batch_is_handed_in_once_and_read_to_its_end_over_broken_connections(serve, cutting):
    server = serve()
    briefs = ["rose", "musk", "lemon", "mint", "wood", "smoke"]
    proxy = cutting(server, 200)  # not even the receipt comes through at first
    client = Client(proxy.url, attempts=9)
    job = client.submit_batch(briefs, 2, seed=1, priority=10)
    results = list(job.results())
    assert sorted(r.index for r in results) == list(range(6))
    assert all(len(r.molecules) == 2 and r.error is None for r in results)
    assert job.wait(timeout=30)["done"] == 6
    assert proxy.connections > 3
    direct = Client(server.url)
    assert [j["id"] for j in direct._http.send("GET", "/v1/jobs")["jobs"]] == [job.id]
    assert direct.job(job.id).cancel()["status"] == "finished"


def test_a_stream_survives_the_servers_restart(serve):
    server = serve("--drain-timeout", "0")
    job = Client(server.url).submit_batch(["rose"] * 40, 3)
    client = Client(server.url, attempts=9)
    results = client.job(job.id).results()
    seen = [next(results).index]
    server.stop()
    server.start()
    seen += [r.index for r in results]
    assert sorted(seen) == list(range(40))


def test_same_key_same_job_and_other_batch_is_refused(serve):
    client = Client(serve().url)
    first = client.submit_batch(["rose"], 1, idempotency_key="k1")
    assert client.submit_batch(["rose"], 1, idempotency_key="k1").id == first.id
    with pytest.raises(OdorDiffError):
        client.submit_batch(["musk"], 1, idempotency_key="k1")
