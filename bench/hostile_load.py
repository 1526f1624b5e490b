#!/usr/bin/env python3
"""What a user with a key notices while others attack the server: latency, jobs, a slow download, and the server's memory.

    bench/hostile_load.py                      about two and a half minutes; exit status 1 where a target is missed
    bench/hostile_load.py --json figures.json
    bench/hostile_load.py --molecules 100      each brief of the hostile batches asks for so many

Starts one server on loopback with a file of keys and its usual settings, but for webhooks, which may go to loopback. A user
asks at a gentle rate, first alone and then beside all of these at once, each a process of lowest priority (nice 19):

    pages     connections without a key that ask for the page of a molecule with 396 atoms, by its path and by one that is none
    crowd     1,000 connections without a key that send large bodies and headers, slowly, and come again when they are cut off
    batches   a key that hands in 100 batches of 1,000 briefs at the highest priority, some with a webhook that never answers
    hoarders  60 connections with keys that ask for large answers and do not read them

and beside somebody who reads a page of 16 MB at 200 kB/s, steadily, and is to get it whole. Load and server share the
processors: `processor` in the figures says who had how much of them, and `client_delay` how late the client itself woke up.
"""

import argparse
import asyncio
import base64
import collections
import contextlib
import hashlib
import json
import multiprocessing
import os
import pathlib
import resource
import secrets
import signal
import socket
import sqlite3
import sys
import tempfile
import time

from server_load import PROGRAM, Client, Server, brief, percentile

MOST_RATIO, MOST_JOB_S, MOST_GROWTH_MB = 3, 5, 300  # the targets
ALONE_S, ATTACK_S = 55, 80                          # how long the user goes on asking
GENERATE_EVERY_S, DESCRIBE_EVERY_S, JOB_EVERY_S = 1, 4, 10  # together below the 100 requests a minute of a key
PATIENCE_S = 30
PAGE, READER_BYTES_PER_S = 100, 200_000  # results, the most that a page holds
HOARDERS = ["hoarder-1", "hoarder-2"]
LARGEST_BODY = 1 << 20  # that the server takes
CHAIN = "C" * 396  # a SMILES may have 400 characters


def stranger(number):
    """One of many addresses of loopback, since those without a key are counted by theirs."""
    return f"127.0.{1 + number // 250}.{1 + number % 250}"


def bearer(key):
    return f"Authorization: Bearer {key}"


# ---- the user

class User:
    """Asks at fixed times, whatever comes back, with a new connection for each request."""

    def __init__(self, server, key, first):
        self.port, self.key, self.number = server.port, key, first
        self.took = {"generate": [], "describe": []}
        self.jobs, self.failures = [], collections.Counter()

    async def ask(self, method, path, body, accept="application/json"):
        """Head and body go out apart, as most libraries do it."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        data = json.dumps(body).encode() if body is not None else b""
        writer.write(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{bearer(self.key)}\r\nConnection: close\r\n"
                     f"Accept: {accept}\r\nContent-Type: application/json\r\n"
                     f"Content-Length: {len(data)}\r\n\r\n".encode())
        await asyncio.sleep(0.002)
        writer.write(data)
        return reader, writer

    async def answer(self, method, path, body):
        reader, writer = await self.ask(method, path, body)
        try:
            head, _, content = (await reader.read()).partition(b"\r\n\r\n")
        finally:
            writer.close()
        status = int(head.split()[1]) if head else 0
        if status not in (200, 202):
            raise RuntimeError(f"{status} {json.loads(content)['detail']}" if content else "no answer")
        return json.loads(content)

    async def timed(self, name, began, asking):
        """Latency from the time when the request was to begin; a failure is counted with its reason."""
        try:
            await asyncio.wait_for(asking, PATIENCE_S)
            return time.monotonic() - began
        except (OSError, EOFError, RuntimeError, asyncio.TimeoutError) as error:
            self.failures[f"{name}: {error or type(error).__name__}"] += 1
            return None

    def next_brief(self):
        self.number += 1
        return brief(self.number)

    async def request(self, name, began):
        if name == "generate":
            asking = self.answer("POST", "/v1/generate", {"brief": self.next_brief(), "count": 2})
        else:
            asking = self.answer("POST", "/v1/describe", {"smiles": ["CC(=O)OCCC(C)C", "COc1cc(C=O)ccc1O"]})
        took = await self.timed(name, began, asking)
        if took is not None:
            self.took[name].append(took)

    async def every(self, name, seconds, until):
        at, under_way = time.monotonic(), []
        while at < until:
            await asyncio.sleep(max(0, at - time.monotonic()))
            under_way.append(asyncio.create_task(self.request(name, at)))
            at += seconds
        await asyncio.gather(*under_way)

    async def whole_job(self):
        job = await self.answer("POST", "/v1/batches", {"briefs": [self.next_brief()], "count": 2})
        reader, writer = await self.ask("GET", f"/v1/jobs/{job['id']}/results", None, "application/x-ndjson")
        try:
            while b'"event":"done"' not in (line := await reader.readline()):
                if not line:
                    raise RuntimeError("the stream ended before the job")
        finally:
            writer.close()

    async def every_job(self, until):
        """One after another: what is measured is not to wait for itself."""
        at = time.monotonic()
        while at < until:
            await asyncio.sleep(max(0, at - time.monotonic()))
            began = time.monotonic()
            took = await self.timed("job", began, self.whole_job())
            waited = time.monotonic() - began
            if took is not None or waited >= PATIENCE_S:  # one that was refused at once is a failure, and not a fast job
                self.jobs.append(waited)
            at = max(at + JOB_EVERY_S, time.monotonic())

    async def go_on(self, seconds):
        until = time.monotonic() + seconds
        await asyncio.gather(self.every("generate", GENERATE_EVERY_S, until), self.every("describe", DESCRIBE_EVERY_S, until),
                             self.every_job(until))

    def figures(self):
        every = self.took["generate"] + self.took["describe"]
        return {"requests": len(every), "p50_s": rounded(percentile(every, 0.5)), "p95_s": rounded(percentile(every, 0.95)),
                "p95_by_route_s": {name: rounded(percentile(took, 0.95)) for name, took in self.took.items()},
                "jobs_s": [rounded(took) for took in self.jobs], "failures": sum(self.failures.values()),
                "reasons": dict(self.failures.most_common(5))}


def rounded(value):
    return None if value is None else round(value, 3)


LAST_CHUNK = b"\r\n0\r\n\r\n"  # which no JSON holds


async def steady_reader(port, key, path):
    """Reads the page as a thin line would bring it; how much of it came, and after how long."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
    line.setblocking(False)
    loop = asyncio.get_running_loop()
    began, got, end, whole = time.monotonic(), 0, b"", False
    try:
        await loop.sock_connect(line, ("127.0.0.1", port))
        await loop.sock_sendall(line, f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{bearer(key)}\r\n\r\n".encode())
        while not whole:
            part = await asyncio.wait_for(loop.sock_recv(line, 20_000), PATIENCE_S)
            if not part or (got == 0 and not part.startswith(b"HTTP/1.1 200 ")):
                break
            got += len(part)
            end = (end + part)[-len(LAST_CHUNK):]
            whole = end == LAST_CHUNK
            await asyncio.sleep(max(0, began + got / READER_BYTES_PER_S - time.monotonic()))
    except (OSError, asyncio.TimeoutError):
        pass  # cut off
    finally:
        line.close()
    return {"bytes": got, "whole": whole, "seconds": round(time.monotonic() - began, 1)}


# ---- the attackers, each a process

async def pages(port, _, counts):
    """As many of a page as are answered."""
    async def one(number):
        paths = [f"/v1/molecules/{CHAIN}/visualize", f"/molecules/{CHAIN}/visualize"]
        while True:
            with contextlib.suppress(OSError, EOFError):
                reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(stranger(number), 0))
                with contextlib.closing(writer):
                    while True:
                        paths.reverse()
                        writer.write(f"GET {paths[0]} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
                        head = await reader.readuntil(b"\r\n\r\n")
                        counts[head[9:12].decode()] += 1
                        await reader.readexactly(int(head.lower().split(b"content-length:")[1].split()[0]))
            counts["cut off"] += 1

    await asyncio.gather(*(one(number) for number in range(100)))


async def crowd(port, _, counts):
    """Refused on the header, a body on a page that takes none, a header that drips, a header too large."""
    kinds = [("POST /v1/generate", 4096), ("GET /molecules/CCO/visualize", 4096), ("GET /", 16), ("GET /docs", 4096)]

    async def one(number):
        line, piece = kinds[number % len(kinds)]
        rest = "X-Long: " if number % len(kinds) > 1 else f"Content-Length: {LARGEST_BODY}\r\n\r\n"
        while True:
            with contextlib.suppress(OSError):
                reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(stranger(number), 0))
                answer = asyncio.create_task(reader.read())
                writer.write(f"{line} HTTP/1.1\r\nHost: localhost\r\n{rest}".encode())
                while not answer.done():
                    writer.write(b"x" * piece)
                    await asyncio.wait([answer], timeout=1)
                writer.close()
                counts[(await answer)[9:12].decode() or "cut off"] += 1
            await asyncio.sleep(1)

    await asyncio.gather(*(one(number) for number in range(1000)))


async def batches(port, options, counts):
    """Until 100 are taken; those with a webhook expire at once, so that it is told."""
    silent = socket.create_server(("127.0.0.1", 0), backlog=1000)
    numbers = iter(range(100))

    async def hand_in():
        client = Client(port)
        for number in numbers:
            body = {"briefs": [f"{brief(i)}, number {number}" for i in range(1000)], "priority": 10, "count": options["molecules"]}
            if number % 5 == 4:
                body |= {"webhook": f"http://127.0.0.1:{silent.getsockname()[1]}/", "expires_after_seconds": 1}
            status = 0
            while status != 202:
                try:
                    status, fields, _ = await client.ask("POST", "/v1/batches", body, [bearer(options["keys"]["batches"])])
                except (OSError, EOFError):
                    status, fields = 0, {}
                    client.close()
                counts[str(status or "cut off")] += 1
                if status != 202:
                    await asyncio.sleep(int(fields.get("retry-after", 1)))

    await asyncio.gather(*(hand_in() for _ in range(4)))
    await asyncio.Event().wait()


async def hoarders(port, options, counts):
    """Two thirds ask for a page of results, one third for the same large answer again and again; the server cuts them off."""
    def ask(number):
        name = HOARDERS[number % len(HOARDERS)]
        line = socket.socket()
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.settimeout(5)
        line.connect(("127.0.0.1", port))
        head = f"Host: localhost\r\n{bearer(options['keys'][name])}\r\n"
        if number % 3:
            line.sendall(f"GET {options['pages'][name]} HTTP/1.1\r\n{head}\r\n".encode())
        else:
            body = json.dumps({"brief": "warm amber", "count": 100})
            line.sendall(20 * (f"POST /v1/generate HTTP/1.1\r\n{head}Content-Type: application/json\r\n"
                               f"Content-Length: {len(body)}\r\n\r\n{body}").encode())
        counts["asked"] += 1
        return line

    lines = {}
    while True:
        for number in range(60):
            try:
                if number in lines:
                    lines.pop(number).close()
                lines[number] = ask(number)
            except OSError:
                counts["cut off"] += 1
            await asyncio.sleep(0)
        await asyncio.sleep(35)


ATTACKS = [pages, crowd, batches, hoarders]


def attack(work, port, options, report):
    """In a process of its own, until SIGTERM; what came back goes to `report`."""
    os.nice(19)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    counts = collections.Counter()
    try:
        asyncio.run(work(port, options, counts))
    finally:
        report.send(dict(counts))


class Attack:
    def __init__(self, work, port, options):
        self.name = work.__name__
        self.report, theirs = multiprocessing.Pipe(duplex=False)
        self.process = multiprocessing.Process(target=attack, args=(work, port, options, theirs))
        self.process.start()

    def end(self):
        """What came back."""
        self.process.terminate()
        counts = self.report.recv() if self.report.poll(10) else {}
        self.process.join(5)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        return counts


# ---- the measurement

def write_keys(folder, names):
    """A file of keys for the server, and the keys by name."""
    keys = {name: "odk_" + base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=") for name in names}
    path = pathlib.Path(folder, "keys.toml")
    path.write_text("".join(f'[[key]]\nname = "{name}"\nrole = "chemist"\nsha256 = "{hashlib.sha256(key.encode()).hexdigest()}"\n'
                            for name, key in keys.items()))
    return path, keys


async def large_job(server, key):
    """The id of a finished job of one brief and 100 molecules."""
    user = User(server, key, 9000)
    job = await user.answer("POST", "/v1/batches", {"briefs": [user.next_brief()], "count": 100})
    path, page = f"/v1/jobs/{job['id']}/results", {"complete": False}
    while not page["complete"]:
        await asyncio.sleep(1)
        page = await user.answer("GET", path, None)
    return job["id"]


def copy_of_job(database, made, owner):
    """The path of a page full of the result of `made`. To compute as much would take longer than all else here."""
    copy = secrets.token_hex(16)
    with sqlite3.connect(database) as rows:
        number, = rows.execute("SELECT number FROM jobs WHERE id = ?", (made,)).fetchone()
        new = rows.execute("INSERT INTO jobs (id, owner, context, priority, state, total, done, accepted_ms, started_ms, ended_ms, digest) "
                           "SELECT ?, ?, context, priority, state, ?, ?, accepted_ms, started_ms, ended_ms, digest FROM jobs "
                           "WHERE number = ?", (copy, owner, PAGE, PAGE, number)).lastrowid
        for position in range(PAGE):
            rows.execute("INSERT INTO prompts SELECT ?, ?, prompt FROM prompts WHERE job = ?", (new, position, number))
            rows.execute("INSERT INTO results (job, position, failed, body, error_kind, finished_ms) "
                         "SELECT ?, ?, failed, body, error_kind, finished_ms FROM results WHERE job = ?", (new, position, number))
    rows.close()
    return f"/v1/jobs/{copy}/results?limit={PAGE}"


def processor_s(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def machine_busy_s():
    fields = [int(field) for field in pathlib.Path("/proc/stat").read_text(encoding="ascii").split("\n")[0].split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK")  # all but idle and waiting for the disk


def processor_times(server, attacks):
    return {"server": processor_s(server.process.pid), "client": processor_s(os.getpid()),
            **{attack.name: processor_s(attack.process.pid) for attack in attacks}, "machine": machine_busy_s()}


async def watched(server, load):
    """The load's result, the server's resident MB meanwhile, and how late this process woke up."""
    work, samples, late = asyncio.create_task(load), [], []
    while not work.done():
        samples.append(server.resident_mb())
        at = time.monotonic() + 0.1
        await asyncio.sleep(0.1)
        late.append(time.monotonic() - at)
    return work.result(), samples, percentile(late, 0.95)


def phase(server, load, attacks=()):
    """Runs the load; what it gave, and figures of the processes."""
    before, began = processor_times(server, attacks), time.monotonic()
    result, samples, late = asyncio.run(watched(server, load))
    took, after = time.monotonic() - began, processor_times(server, attacks)
    share = {name: round((after[name] - before[name]) / took / os.cpu_count(), 3) for name in before}
    share["others on the machine"] = round(max(0, share.pop("machine") - sum(share.values())), 3)
    return result, {"resident_mb": {"last": round(samples[-1], 1), "most": round(max(samples), 1)},
                    "client_delay_p95_s": rounded(late), "processor": share}


def measure(options):
    with tempfile.TemporaryDirectory() as folder:
        path, keys = write_keys(folder, ["user", "reader", "batches", *HOARDERS])
        with Server("--keys-file", str(path), "--webhook-secret", secrets.token_hex(16), "--webhooks-to-private") as server:
            made = asyncio.run(large_job(server, keys["reader"]))
            pages_of = {name: copy_of_job(f"{server.folder}/jobs.db", made, f"key:{name}")
                        for name in ["reader", *HOARDERS]}
            alone = User(server, keys["user"], 0)
            _, of_alone = phase(server, alone.go_on(ALONE_S))

            given = {"keys": keys, "pages": pages_of, "molecules": options.molecules}
            attacks = [Attack(work, server.port, given) for work in ATTACKS if work.__name__ in options.attacks]
            try:
                beside = User(server, keys["user"], 1000)

                async def load():
                    return await asyncio.gather(steady_reader(server.port, keys["reader"], pages_of["reader"]),
                                                beside.go_on(ATTACK_S))
                (reader, _), of_beside = phase(server, load(), attacks)
            finally:
                came_back = {attack.name: attack.end() for attack in attacks}
            if broken := [attack.name for attack in attacks if attack.process.exitcode != 0]:
                raise RuntimeError(f"attacks that broke off, so that nothing was measured: {broken}")
    return {"undisturbed": {**alone.figures(), **of_alone}, "under_attack": {**beside.figures(), **of_beside},
            "steady_reader": reader, "came_back": came_back}


def judged(figures):
    alone, beside = figures["undisturbed"], figures["under_attack"]
    ratio = round(beside["p95_s"] / alone["p95_s"], 2) if beside["p95_s"] and alone["p95_s"] else None
    slowest = max(beside["jobs_s"], default=None)
    growth = round(beside["resident_mb"]["most"] - alone["resident_mb"]["last"], 1)
    reader = figures["steady_reader"]
    failures = alone["failures"] + beside["failures"]
    targets = [("p95 under attack over p95 undisturbed", ratio, f"≤ {MOST_RATIO}", ratio is not None and ratio <= MOST_RATIO),
            ("slowest job of one brief under attack, s", slowest, f"≤ {MOST_JOB_S}", slowest is not None and slowest <= MOST_JOB_S),
            ("growth of the server's memory, MB", growth, f"≤ {MOST_GROWTH_MB}", growth <= MOST_GROWTH_MB),
            ("steady slow reader, bytes", reader["bytes"], "all", reader["whole"]),
            ("requests of the user that failed", failures, "0", failures == 0)]
    return [dict(zip(("what", "figure", "target", "holds"), target)) for target in targets]


def print_table(figures):
    print(f"{'':<44}{'undisturbed':>14}{'under attack':>14}")
    alone, beside = figures["undisturbed"], figures["under_attack"]
    for name, of in [("requests answered", lambda f: f["requests"]), ("p50, s", lambda f: f["p50_s"]),
                     ("p95, s", lambda f: f["p95_s"]), ("job of one brief, median, s", lambda f: percentile(f["jobs_s"], 0.5)),
                     ("job of one brief, slowest, s", lambda f: max(f["jobs_s"], default=None)), ("failed", lambda f: f["failures"]),
                     ("server's memory, most, MB", lambda f: f["resident_mb"]["most"]),
                     ("client's delay, p95, s", lambda f: f["client_delay_p95_s"])]:
        print(f"{name:<44}{of(alone)!s:>14}{of(beside)!s:>14}")
    for name in beside["processor"]:
        print(f"{'processor: ' + name:<44}{alone['processor'].get(name, 0):>14.1%}{beside['processor'][name]:>14.1%}")
    for name, counts in figures["came_back"].items():
        print(f"came back to {name}: {', '.join(f'{n} x {what}' for what, n in sorted(counts.items())) or 'nothing'}")
    for reason, times in beside["reasons"].items():
        print(f"failed {times} x {reason}")
    print(f"\n{'target':<44}{'figure':>14}{'is to be':>14}")
    for target in figures["targets"]:
        print(f"{target['what']:<44}{target['figure']!s:>14}{target['target']!s:>14}  {'holds' if target['holds'] else 'missed'}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="where all figures go")
    parser.add_argument("--molecules", type=int, default=5, help="that each brief of the hostile batches asks for")
    names = [work.__name__ for work in ATTACKS]
    parser.add_argument("--attacks", nargs="+", choices=names, default=names, help="these alone, to tell who does what")
    options = parser.parse_args()
    if not PROGRAM.exists():
        sys.exit("build first: ./test --quick")
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    figures = measure(options)
    figures["targets"] = judged(figures)
    print_table(figures)
    if options.json:
        options.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    sys.exit(not all(target["holds"] for target in figures["targets"]))


if __name__ == "__main__":
    main()
