#!/usr/bin/env python3
"""A fleet under steady load while Redis loses its primary, a sentinel, a replica, and then freezes.

    bench/fleet_failover.py --users 8

Starts `odordiff fleet up` on loopback: two servers behind HAProxy, three Redis servers, three sentinels. Users ask
through HAProxy, some for what is cached, some for what is new. Prints the time line and one JSON object; a user's
request that fails, or takes longer than ten seconds, counts as failed.
"""

import argparse
import asyncio
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from server_load import PROGRAM, Client, brief, percentile  # noqa: E402


class Line:
    """What happened when, in seconds since the start."""

    def __init__(self):
        self.began, self.events = time.monotonic(), []

    def add(self, what):
        self.events.append((round(time.monotonic() - self.began, 1), what))
        print(f"{self.events[-1][0]:6.1f} s  {what}", flush=True)


async def json_of(port, path):
    client = Client(port)
    try:
        _, _, body = await client.ask("GET", path)
        return json.loads(body)
    finally:
        client.close()


async def shared_cache_of(port):
    """(whether the server has its Redis, which one)"""
    redis = (await json_of(port, "/health/detailed"))["components"]["redis"]
    return redis["status"] == "healthy", redis["server"]


async def user(number, port, state):
    client = Client(port)
    asked = number
    while not state["stop"]:
        asked += 7
        new = asked % 5 == 0
        body = {"brief": brief(1000 + asked if new else asked % 20), "count": 2}
        began = time.monotonic()
        try:
            status, _, _ = await asyncio.wait_for(client.ask("POST", "/v1/generate", body), 10)
            if status != 200:
                state["failed"].append(f"status {status}")
        except (OSError, EOFError, asyncio.TimeoutError) as error:
            state["failed"].append(repr(error))
            client.close()
            client = Client(port)
        state["latencies"].append(time.monotonic() - began)
        await asyncio.sleep(0.1)
    client.close()


async def until_shared(apis, line, what, not_server=None, patience=40):
    """Waits until every server has a Redis again, another one than `not_server`; returns the seconds."""
    began = time.monotonic()
    while time.monotonic() - began < patience:
        states = [await shared_cache_of(port) for port in apis]
        if all(good and server != not_server for good, server in states):
            line.add(f"{what}: shared cache back at {states[0][1]}")
            return round(time.monotonic() - began, 1)
        await asyncio.sleep(0.1)
    line.add(f"{what}: no shared cache after {patience} s")
    return None


async def run(fleet, options, line):
    by_name = {member["name"]: member for member in fleet["members"]}
    apis = [member["port"] for member in fleet["members"] if member["kind"] == "api"]
    by_address = {f"127.0.0.1:{m['port']}": m for m in fleet["members"] if m["kind"] == "redis"}
    state = {"stop": False, "failed": [], "latencies": []}
    users = [asyncio.create_task(user(i, by_name["haproxy"]["port"], state)) for i in range(options.users)]
    await asyncio.sleep(5)
    out = {}

    primary = (await shared_cache_of(apis[0]))[1]
    os.kill(by_address[primary]["pid"], signal.SIGKILL)
    line.add(f"kill -9 of the primary, {primary}")
    out["primary_killed_back_s"] = await until_shared(apis, line, "primary killed", primary)
    await asyncio.sleep(3)

    os.kill(by_name["sentinel-1"]["pid"], signal.SIGKILL)
    line.add("kill -9 of a sentinel")
    await asyncio.sleep(4)

    primary = (await shared_cache_of(apis[0]))[1]
    replica = next(a for a, m in by_address.items() if a != primary and os.path.exists(f"/proc/{m['pid']}"))
    os.kill(by_address[replica]["pid"], signal.SIGKILL)
    line.add(f"kill -9 of a replica, {replica}")
    await asyncio.sleep(4)

    os.kill(by_address[primary]["pid"], signal.SIGSTOP)
    line.add(f"the new primary, {primary}, is frozen for 20 s")
    frozen = time.monotonic()
    out["frozen_back_s"] = await until_shared(apis, line, "primary frozen", primary, 19)
    await asyncio.sleep(max(0, 20 - (time.monotonic() - frozen)))
    os.kill(by_address[primary]["pid"], signal.SIGCONT)
    line.add("it goes on")
    out["thawed_back_s"] = await until_shared(apis, line, "thawed")
    await asyncio.sleep(5)
    state["stop"] = True
    await asyncio.gather(*users)
    latencies = state["latencies"]
    return {"requests": len(latencies), "failed": len(state["failed"]), "failures": state["failed"][:5],
            "p50_s": round(percentile(latencies, 0.5), 4), "p99_s": round(percentile(latencies, 0.99), 4),
            "longest_s": round(max(latencies), 3), **out}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=8)
    parser.add_argument("--restart", action="store_true", help="start again what was killed, as fleet up does")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        command = [str(PROGRAM), "fleet", "up", "--api", "2", "--workers", "0", "--port", "0", "--folder", folder, "--format", "json"]
        if not options.restart:
            command.append("--keep-dead")
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            fleet = json.loads(process.stdout.readline())
            line = Line()
            print(json.dumps(asyncio.run(run(fleet, options, line))))
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


if __name__ == "__main__":
    main()
