#!/usr/bin/env python3
"""The server under load, beside its peer where it has one. Starts what it needs on loopback and stops it again.

    bench/server_load.py cached      cached POST /generate against nginx serving the same bytes (needs wrk, nginx)
    bench/server_load.py cold        cold generation at saturation against the same work in process
    bench/server_load.py streams -n 1000 --seconds 60 --encoding gzip
    bench/server_load.py users -n 1000 --seconds 180
    bench/server_load.py overload --seconds 60
    bench/server_load.py memory --seconds 600      resident memory after all kinds of load, and while users go on asking

Prints one JSON object for each measurement; docs/benchmarks.md says what came out.
"""

import argparse
import asyncio
import json
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import zlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = pathlib.Path(os.environ.get("ODORDIFF_BIN", ROOT / "build/release/apps/odordiff"))

NOTES = ("rose jasmine lemon orange grass rain ozone amber leather tobacco vanilla clove cinnamon pine cedar sandalwood musk "
         "peach apple pear banana coconut coffee honey smoke mint lavender violet lily melon cucumber seaweed butter").split()
MOODS = "fresh warm dry dewy creamy bright dark soft sharp clean".split()


def brief(number):
    """The number-th of 330 x 32 different briefs."""
    first, second = number % len(NOTES), (number // len(NOTES)) % (len(NOTES) - 1)
    mood = (number // (len(NOTES) * (len(NOTES) - 1))) % len(MOODS)
    return f"{MOODS[mood]} {NOTES[first]} with {NOTES[(first + 1 + second) % len(NOTES)]}"


def percentile(values, share):
    """Nearest rank; None of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None


def seconds(values):
    return {f"p{round(100 * p)}_s": round(percentile(values, p), 4) for p in (0.5, 0.95, 0.99)} if values else {}


def until_it_listens(port, patience_s=20):
    until = time.monotonic() + patience_s
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)


def resident_mb(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1)) / 1024


class Server:
    """An `odordiff serve` of its own, on a free port."""

    def __init__(self, *flags):
        self.folder = tempfile.mkdtemp(prefix="odordiff-load-")
        self.log = open(f"{self.folder}/log", "w", encoding="utf-8")
        began = time.monotonic()
        command = [str(PROGRAM), "serve", "--port", "0", "--jobs-db", f"{self.folder}/jobs.db", *flags]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, text=True)
        line = self.process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
        if not found:
            sys.exit(f"the server did not start; see {self.folder}/log")
        self.ready_s = time.monotonic() - began
        self.port = int(found.group(1))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
        if self.process.returncode == 0:
            shutil.rmtree(self.folder, ignore_errors=True)
        else:
            print(f"the server ended with {self.process.returncode}; see {self.folder}/log", file=sys.stderr)

    def resident_mb(self):
        return resident_mb(self.process.pid)


class Client:
    """One HTTP/1.1 connection, kept alive."""

    def __init__(self, port):
        self.port, self.reader, self.writer = port, None, None

    async def ask(self, method, path, body=None, headers=()):
        """(status, headers, body); raises OSError or EOFError where the connection fails."""
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        data = b"" if body is None else json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *headers]
        if body is not None:
            lines += ["Content-Type: application/json", f"Content-Length: {len(data)}"]
        self.writer.write("\r\n".join([*lines, "", ""]).encode() + data)
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        length = int(fields.get("content-length", 0))
        answer = await self.reader.readexactly(length) if length and method != "HEAD" else b""
        if fields.get("connection") == "close":
            self.close()
        return int(head[0].split()[1]), fields, answer

    def close(self):
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None


# ---- cached answers against nginx

def wrk(url, duration, script=None):
    command = ["wrk", "-t1", "-c32", f"-d{duration}s", "--latency", *(["-s", script] if script else []), url]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in text or "Socket errors" in text:
        sys.exit(text)
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)", text)
    return (float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1)),
            float(p99.group(1)) * {"us": 1e-3, "ms": 1, "s": 1e3}[p99.group(2)])


def cached(options):
    body = {"prompt": "warm amber and old books", "num_molecules": 3}
    with Server("--io-threads", "1") as server:
        async def prepare():
            client = Client(server.port)
            await client.ask("POST", "/generate", body)
            return (await client.ask("POST", "/generate", body))[2]
        answer = asyncio.run(prepare())
        folder = pathlib.Path(server.folder)
        (folder / "www").mkdir()
        (folder / "www/answer.json").write_bytes(answer)
        os.chmod(folder, 0o755)
        (folder / "post.lua").write_text(
            "wrk.method = 'POST'\nwrk.headers['Content-Type'] = 'application/json'\n"
            f"wrk.body = [==[{json.dumps(body)}]==]\n")
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        (folder / "nginx.conf").write_text(f"""
            worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
            events {{ worker_connections 1024; }}
            http {{
              access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; open_file_cache max=10;
              types {{ application/json json; }}
              client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
              uwsgi_temp_path {folder}; scgi_temp_path {folder};
              server {{ listen 127.0.0.1:{port}; root {folder}/www; }}
            }}""")
        nginx = subprocess.Popen(["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")])
        until_it_listens(port)
        try:
            ours, theirs = [], []
            for _ in range(options.rounds):
                theirs.append(wrk(f"http://127.0.0.1:{port}/answer.json", options.seconds))
                ours.append(wrk(f"http://127.0.0.1:{server.port}/generate", options.seconds, str(folder / "post.lua")))
        finally:
            nginx.terminate()
            nginx.wait()
        middle = [statistics.median(r[0] for r in rounds) for rounds in (ours, theirs)]
        return {"answer_bytes": len(answer), "odordiff_per_s": round(middle[0]), "nginx_per_s": round(middle[1]),
                "ratio": round(middle[0] / middle[1], 3),
                "odordiff_p99_ms": statistics.median(r[1] for r in ours),
                "nginx_p99_ms": statistics.median(r[1] for r in theirs), "resident_mb": round(server.resident_mb(), 1)}


# ---- cold generation

AT_ONCE = 8


async def cold_load(port, at_once, how_many, first):
    """Molecules, seconds, and the latencies, of `how_many` different briefs with `at_once` under way."""
    numbers, latencies, molecules = iter(range(first, first + how_many)), [], 0

    async def user():
        nonlocal molecules
        client = Client(port)
        for number in numbers:
            began = time.monotonic()
            status, _, body = await client.ask("POST", "/v1/generate", {"brief": brief(number), "count": 5})
            if status != 200:
                sys.exit(body.decode())
            latencies.append(time.monotonic() - began)
            molecules += len(json.loads(body)["molecules"])
        client.close()

    began = time.monotonic()
    await asyncio.gather(*(user() for _ in range(at_once)))
    return molecules, time.monotonic() - began, latencies


def in_process(first, how_many):
    """As cold_load(), by `odordiff batch`; the seconds have the program's start in them."""
    with tempfile.TemporaryDirectory() as folder:
        source, out = pathlib.Path(folder) / "briefs.txt", pathlib.Path(folder) / "out.jsonl"
        source.write_text("".join(brief(i) + "\n" for i in range(first, first + how_many)))
        began = time.monotonic()
        subprocess.run([str(PROGRAM), "batch", str(source), "-o", str(out), "-n", "5", "--jobs", str(AT_ONCE)],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        took = time.monotonic() - began
        return sum(len(json.loads(line)["molecules"]) for line in out.read_text().splitlines()), took, []


def cold(options):
    rates, latencies = {"over_http": [], "in_process": []}, []
    with Server() as server:
        def over_http(first, how_many):
            return asyncio.run(cold_load(server.port, AT_ONCE, how_many, first))

        for turn in range(options.rounds):
            first = (options.number + AT_ONCE) * turn
            for name, run in (("over_http", over_http), ("in_process", in_process)):
                molecules, took, waits = run(first, options.number)
                # Beginning and end, where fewer are under way, and the program's start are in both.
                few, few_took, _ = run(first + options.number, AT_ONCE)
                rates[name].append((molecules - few) / (took - few_took))
                latencies += waits
        ours, theirs = (statistics.median(rates[name]) for name in ("over_http", "in_process"))
        return {"molecules_per_s_over_http": round(ours, 1), "molecules_per_s_in_process": round(theirs, 1),
                "ratio": round(ours / theirs, 3), "latency": seconds(latencies),
                "resident_mb": round(server.resident_mb(), 1)}


# ---- streams held open

class Follower(asyncio.Protocol):
    """A stream of events that is read as it comes, at little cost: the load is to be the server's."""

    def __init__(self, path, encoding, gaps, failures):
        self.path, self.encoding, self.gaps, self.failures = path, encoding, gaps, failures
        self.head, self.rest, self.decode, self.last, self.closing = b"", b"", bytes, None, False

    def connection_made(self, transport):
        self.transport = transport
        transport.write(f"GET {self.path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n"
                        f"Accept-Encoding: {self.encoding}\r\n\r\n".encode())

    def data_received(self, data):
        now = time.monotonic()
        if self.head is not None:
            self.head += data
            head, end, data = self.head.partition(b"\r\n\r\n")
            if not end:
                return
            if not head.startswith(b"HTTP/1.1 200 "):
                self.failures.append(head.decode("latin-1").split("\r\n")[0])
            if b"Content-Encoding: gzip" in head:
                self.decode = zlib.decompressobj(31).decompress
            self.head = None
        if b"event: progress" in self.decode(self.body(data)):
            if self.last is not None:
                self.gaps.append(now - self.last)
            self.last = now

    def body(self, data):
        """What its whole chunks hold; the rest waits."""
        self.rest += data
        found = b""
        while True:
            size, end, rest = self.rest.partition(b"\r\n")
            length = int(size, 16) if end else 0
            if not end or len(rest) < length + 2:
                return found
            found, self.rest = found + rest[:length], rest[length + 2:]

    def connection_lost(self, error):
        if not self.closing:
            self.failures.append(repr(error) if error else "the stream ended")

    def close(self):
        self.closing = True
        if self.last is None or time.monotonic() - self.last > 20:
            self.failures.append("no progress for 20 s")
        self.transport.close()


async def hold_streams(server, number, duration, encoding, settle_s):
    client = Client(server.port)
    status, _, body = await client.ask(
        # Work for long, with small results: it is the streams that are looked at.
        "POST", "/v1/batches", {"briefs": [brief(i) for i in range(500)], "count": 1, "effort": 50})
    if status != 202:
        sys.exit(body.decode())
    client.close()
    job = json.loads(body)["id"]
    await asyncio.sleep(settle_s)  # so that the job's own memory is not counted to the streams
    before = server.resident_mb()
    gaps, failures = [], []
    opening = number / 1000
    until = time.monotonic() + opening + duration
    followers = []
    loop = asyncio.get_running_loop()
    for i in range(number):
        _, follower = await loop.create_connection(
            lambda: Follower(f"/v1/jobs/{job}/results", encoding, gaps, failures), "127.0.0.1", server.port)
        followers.append(follower)
        if i % 50 == 49:
            await asyncio.sleep(opening / (number / 50))
    await asyncio.sleep(duration / 2)
    held = server.resident_mb()
    await asyncio.sleep(max(0, until - time.monotonic()))
    for follower in followers:
        follower.close()
    client = Client(server.port)  # the first one's connection has rested for too long
    await client.ask("DELETE", f"/v1/jobs/{job}")
    client.close()
    late = [max(0, gap - 1) for gap in gaps]
    return {"streams": number, "encoding": encoding, "held_s": duration, "failures": len(failures),
            "first_failures": failures[:3], "progress_events": len(gaps),
            "delay": seconds(late), "kb_a_stream": round((held - before) * 1024 / number, 1),
            "resident_mb": round(held, 1)}


def streams(options):
    resource.setrlimit(resource.RLIMIT_NOFILE, (options.number + 1000,) * 2)
    with Server("--max-connections", str(options.number + 100)) as server:
        return asyncio.run(hold_streams(server, options.number, options.seconds, options.encoding, 15))


# ---- users

async def user(port, number, until, think_s, taken, failures, random_):
    client = Client(port)
    await asyncio.sleep(random_.random() * think_s)
    while time.monotonic() < until:
        # Which brief: Zipf's law with exponent 1 over 200.
        rank = int(201 ** random_.random()) - 1
        smiles = random_.choice(["CCO", "CC(=O)OCCC(C)C", "COc1cc(C=O)ccc1O", "CC(C)=CCCC(C)=CC=O", "O=C1CCCCCCCCCCCCCC1"])
        method, path, body = random_.choices([
            ("POST", "/generate", {"prompt": brief(rank), "num_molecules": 5}),
            ("POST", "/v1/describe", {"smiles": [smiles]}),
            ("POST", "/assess/safety", {"smiles": smiles}),
            ("GET", f"/v1/molecules/{urllib.parse.quote(smiles, safe='')}.svg", None),
            ("GET", "/health", None), ("GET", "/stats", None)], [40, 15, 10, 20, 10, 5])[0]
        began = time.monotonic()
        try:
            status, _, _ = await asyncio.wait_for(client.ask(method, path, body), 30)
            taken.append((path.split("?")[0].split("/v1/molecules")[0] or "/v1/molecules", time.monotonic() - began))
            if status != 200:
                failures.append(f"{status} {path}")
        except (OSError, EOFError, asyncio.TimeoutError) as error:
            failures.append(repr(error))
            client.close()
        await asyncio.sleep(min(random_.expovariate(1 / think_s), max(0, until - time.monotonic())))
    client.close()


async def mixed_users(port, number, duration, think_s):
    taken, failures = [], []
    until = time.monotonic() + duration
    await asyncio.gather(*(user(port, i, until, think_s, taken, failures, random.Random(i)) for i in range(number)))
    by_route = {}
    for path, took in taken:
        by_route.setdefault(path, []).append(took)
    return {"users": number, "think_s": think_s, "requests": len(taken),
            "requests_per_s": round(len(taken) / duration, 1),
            "error_percent": round(100 * len(failures) / max(1, len(taken)), 4), "first_errors": failures[:3],
            "latency": seconds([took for _, took in taken]),
            "p95_by_route_s": {path: round(percentile(v, 0.95), 4) for path, v in sorted(by_route.items())}}


def users(options):
    resource.setrlimit(resource.RLIMIT_NOFILE, (options.number + 1000,) * 2)
    # The list of common briefs is answered before the users come, as `--warm-up` is for.
    with tempfile.TemporaryDirectory() as folder:
        common = pathlib.Path(folder) / "common.jsonl"
        common.write_text("".join(
            json.dumps({"path": "/generate", "body": {"prompt": brief(rank), "num_molecules": 5}}) + "\n"
            for rank in range(200)))
        with Server("--warm-up", str(common)) as server:
            while '"warmed up"' not in pathlib.Path(server.log.name).read_text(encoding="utf-8"):
                time.sleep(0.2)
            result = asyncio.run(mixed_users(server.port, options.number, options.seconds, options.think))
            return {**result, "resident_mb": round(server.resident_mb(), 1)}


# ---- memory

async def sampled_memory(server, load, every_s):
    """Resident MB, each so many seconds while the load lasts."""
    work, samples = asyncio.create_task(load), []
    while not work.done():
        samples.append(round(server.resident_mb(), 1))
        await asyncio.wait([work], timeout=every_s)
    await work
    return samples


def memory(options):
    resource.setrlimit(resource.RLIMIT_NOFILE, (options.number + 1000,) * 2)
    with Server("--max-connections", str(options.number + 100)) as server:
        after = {"start": server.resident_mb()}
        asyncio.run(cold_load(server.port, AT_ONCE, options.number, 0))
        after["cold"] = server.resident_mb()
        asyncio.run(hold_streams(server, options.number, 20, options.encoding, 1))
        after["streams"] = server.resident_mb()
        asyncio.run(open_loop(server.port, 30, 20, 3000))
        after["overload"] = server.resident_mb()
        load = mixed_users(server.port, 100, options.seconds, options.think)
        samples = asyncio.run(sampled_memory(server, load, max(1, options.seconds / 60)))
        third = max(1, len(samples) // 3)
        first, last = statistics.median(samples[:third]), statistics.median(samples[-third:])
        return {"ready_s": round(server.ready_s, 3),
                "resident_mb_after": {load: round(mb, 1) for load, mb in after.items()}, "further_s": options.seconds,
                "most_mb": max(samples), "first_third_mb": first, "last_third_mb": last}


# ---- more than can be done

async def open_loop(port, rate, duration, first):
    """Different briefs at `rate` a second, whatever comes back: latencies of the accepted, of the refused."""
    accepted, refused, failures = [], [], []

    async def one(number):
        client = Client(port)
        began = time.monotonic()
        try:
            status, fields, _ = await asyncio.wait_for(
                client.ask("POST", "/v1/generate", {"brief": brief(number), "count": 5}), 60)
            took = time.monotonic() - began
            if status == 200:
                accepted.append(took)
            elif status in (429, 503) and "retry-after" in fields:
                refused.append(took)
            else:
                failures.append(status)
        except (OSError, EOFError, asyncio.TimeoutError) as error:
            failures.append(repr(error))
        client.close()

    random_, tasks = random.Random(first), []
    at = time.monotonic()
    until = at + duration
    while at < until:
        tasks.append(asyncio.create_task(one(first + len(tasks))))
        at += random_.expovariate(rate)
        await asyncio.sleep(max(0, at - time.monotonic()))
    await asyncio.gather(*tasks)
    return accepted, refused, failures


def overload(options):
    with Server("--cache-items", "1") as server:
        molecules, took, _ = asyncio.run(cold_load(server.port, AT_ONCE, 60, 0))
        sustainable = molecules / took / 5
        result = {"sustainable_per_s": round(sustainable, 2)}
        for name, times, first in (("at_sustainable", 0.9, 1000), ("at_three_times", 3, 3000)):
            accepted, refused, failures = asyncio.run(
                open_loop(server.port, sustainable * times, options.seconds, first))
            result[name] = {"accepted": len(accepted), "refused": len(refused), "failures": failures[:3],
                            "accepted_latency": seconds(accepted), "refused_latency": seconds(refused)}
        result["p95_ratio"] = round(result["at_three_times"]["accepted_latency"]["p95_s"] /
                                    result["at_sustainable"]["accepted_latency"]["p95_s"], 2)
        result["resident_mb"] = round(server.resident_mb(), 1)
        return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("measurement", choices=["cached", "cold", "streams", "users", "overload", "memory"])
    parser.add_argument("-n", "--number", type=int, help="streams, users or briefs", default=None)
    parser.add_argument("--encoding", default="identity", choices=["identity", "gzip"], help="of streams")
    parser.add_argument("--seconds", type=int, default=None, help="how long")
    parser.add_argument("--rounds", type=int, default=3, help="of which the median counts")
    parser.add_argument("--think", type=float, default=10, help="mean seconds between two requests of a user")
    options = parser.parse_args()
    standards = {"cached": (0, 8), "cold": (60, 0), "streams": (1000, 60), "users": (1000, 180), "overload": (0, 60),
                 "memory": (200, 600)}
    number, duration = standards[options.measurement]
    options.number = options.number if options.number is not None else number
    options.seconds = options.seconds if options.seconds is not None else duration
    if not PROGRAM.exists():
        sys.exit("build first: ./test --quick")
    print(json.dumps({"measurement": options.measurement, **globals()[options.measurement](options)}), flush=True)


if __name__ == "__main__":
    main()
