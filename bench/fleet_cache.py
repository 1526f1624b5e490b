#!/usr/bin/env python3
"""What four servers that share one Redis save each other.

    bench/fleet_cache.py --requests 4000

Starts `odordiff fleet up` on loopback with four servers. Requests for Zipf-distributed briefs go to random servers;
then 500 equal requests go to all four at once; then all is purged at one server and the others are watched. Prints one
JSON object.
"""

import argparse
import asyncio
import bisect
import itertools
import json
import pathlib
import random
import re
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from server_load import PROGRAM, Client, brief, percentile  # noqa: E402


class Zipf:
    """Ranks 0 to `count` - 1, the k-th with probability in proportion to (k + 1) ** -exponent."""

    def __init__(self, count, exponent, seed):
        self.sums = list(itertools.accumulate((k + 1) ** -exponent for k in range(count)))
        self.chance = random.Random(seed)

    def draw(self):
        return bisect.bisect(self.sums, self.chance.random() * self.sums[-1])


async def ask(port, method, path, body=None):
    client = Client(port)
    try:
        status, headers, answer = await client.ask(method, path, body)
        if status != 200:
            raise RuntimeError(f"{status}: {answer[:200]}")
        return headers, answer
    finally:
        client.close()


async def tiers(ports):
    """The figures of both tiers, summed over the servers, and how many answers were computed."""
    total, computed = {}, 0
    for port in ports:
        stats = json.loads((await ask(port, "GET", "/stats"))[1])
        for tier, figures in stats["cache"]["tiers"].items():
            for name, value in figures.items():
                if isinstance(value, (int, float)):
                    total[f"{tier}.{name}"] = total.get(f"{tier}.{name}", 0) + value
        text = (await ask(port, "GET", "/metrics"))[1].decode()
        computed += int(float(re.search(r"^odordiff_answers_total (\S+)", text, re.M).group(1)))
    return total, computed


async def zipf(ports, options):
    ranks, chance = Zipf(options.briefs, options.exponent, 1), random.Random(2)
    work = iter([(chance.choice(ports), ranks.draw()) for _ in range(options.requests)])

    async def user():
        for port, rank in work:
            await ask(port, "POST", "/v1/generate", {"brief": brief(rank), "count": 1})

    await asyncio.gather(*(user() for _ in range(8)))
    total, computed = await tiers(ports)
    return {"requests": options.requests, "different": options.briefs, "computed": computed, "tiers": total}


async def burst(ports):
    _, before = await tiers(ports)
    body = {"brief": "a brief that nobody asked for before", "count": 5}
    began = time.monotonic()
    answers = await asyncio.gather(*(ask(ports[i % len(ports)], "POST", "/v1/generate", body) for i in range(500)))
    took = time.monotonic() - began
    _, after = await tiers(ports)
    return {"computed": after - before, "different_answers": len({answer for _, answer in answers}), "seconds": round(took, 3)}


async def purges(ports, rounds):
    """Seconds from the question for a purge until another server has carried it out."""
    delays = []

    async def invalidations(port):
        return json.loads((await ask(port, "GET", "/stats"))[1])["cache"]["tiers"]["redis"]["invalidations"]

    for turn in range(rounds):
        there = ports[1 + turn % (len(ports) - 1)]
        before = await invalidations(there)
        began = time.monotonic()
        await ask(ports[0], "POST", "/v1/cache/purge", {"all": True})
        while await invalidations(there) == before:
            pass
        delays.append(time.monotonic() - began)
    return {"purges": rounds, "p50_ms": round(1e3 * percentile(delays, 0.5), 1), "p99_ms": round(1e3 * percentile(delays, 0.99), 1)}


async def run(ports, options):
    return {"zipf": await zipf(ports, options), "burst": await burst(ports), "purge": await purges(ports, options.purges)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=4000)
    parser.add_argument("--briefs", type=int, default=1000)
    parser.add_argument("--exponent", type=float, default=0.9)
    parser.add_argument("--purges", type=int, default=50)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        command = [str(PROGRAM), "fleet", "up", "--api", "4", "--workers", "0", "--port", "0", "--folder", folder, "--format", "json"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            members = json.loads(process.stdout.readline())["members"]
            ports = [member["port"] for member in members if member["kind"] == "api"]
            print(json.dumps(asyncio.run(run(ports, options))))
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


if __name__ == "__main__":
    main()
