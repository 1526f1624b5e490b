"""Twenty failovers in a row behind Sentinel, with tasks under way; after each the promises of docs/celery.md are asked for again.

    build/release/tests/python/venv/bin/python bench/celery_failovers.py --failovers 20 --tasks 2000

In turn the primary is killed, frozen, and deposed though it is well. Two workers work through cheap prompts all the while; two others are
asked what they promise (testing/celery/promises.py), the transport in use included. As a sender has to, this one sends again,
under the same id, what has had no result for a while. Prints a table.
"""

import argparse
import collections
import itertools
import json
import pathlib
import shutil
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "testing/celery"))

from celery_chaos import done, failed, patiently, prompt  # noqa: E402
from fleet import Worker, plain_app  # noqa: E402
from promises import Promises  # noqa: E402
from sentinels import Sentinels  # noqa: E402

RESEND_S = 20


class Load:
    """Cheap tasks, and what became of them."""

    def __init__(self, servers, folder):
        self._servers, self._sender = servers, servers.sender()
        self.names, self.resent = [], 0
        self.workers = [Worker(folder, servers.url, "-c", "1", "-Q", "batch") for _ in range(2)]
        for worker in self.workers:
            worker.ready()

    def send(self, count):
        for _ in range(count):
            self.names.append(f"failover{len(self.names)}")
            self._send(len(self.names) - 1)

    def _send(self, number):
        patiently(lambda: self._sender.send_task("odordiff.answer_prompt", [prompt(number)], task_id=self.names[number], queue="batch"))

    def finish(self, limit_s):
        """Those without a result at the end."""
        end, quiet, left = time.monotonic() + limit_s, time.monotonic(), len(self.names)
        while time.monotonic() < end:
            waiting = set(self.names) - done(self._servers, self.names)
            if not waiting:
                return waiting
            if len(waiting) < left:
                left, quiet = len(waiting), time.monotonic()
            elif time.monotonic() - quiet > RESEND_S:
                quiet = time.monotonic()
                for name in waiting:
                    self._send(self.names.index(name))
                    self.resent += 1
            time.sleep(0.2)
        return waiting

    def figures(self, waiting):
        starts = [int(value or 0) for value in self._servers.client.mget([f"odordiff:starts:{name}" for name in self.names])]
        received = collections.Counter()
        for worker in self.workers:
            received.update(line.split("[")[-1].split("]")[0] for line in worker.text.splitlines() if line.endswith("] received"))
        return {"tasks": len(self.names), "lost": len(waiting), "failed": failed(self._servers, self.names),
                "begun more than once": sum(count > 1 for count in starts), "received more than once": sum(n > 1 for n in received.values()),
                "sent again": self.resent}


def wrongly_quarantined(servers):
    """Entries of what nobody sent as garbage."""
    entries = map(json.loads, servers.client.lrange("odordiff:quarantine", 0, -1))
    return sum("no message of Celery's" not in entry["reason"] or entry["bytes"] != len("garbage") for entry in entries)


def fail_over(servers, kind):
    """Returns what puts things in order again."""
    if kind == "killed":
        servers.kill()
        return servers.start
    if kind == "frozen":
        servers.freeze()
        return servers.thaw
    servers.order()
    return lambda: None


def run(options, folder):
    """The figures, and whether they are right."""
    servers = Sentinels(tempfile.mkdtemp(dir=folder))
    started, failovers, back_s = [], collections.Counter(), []

    def start(*arguments, **environment):
        started.append(Worker(folder, servers.url, *arguments, **environment))
        return started[-1]

    try:
        load, promises = Load(servers, folder), Promises(servers.sender(), servers, start)
        for number, kind in zip(range(options.failovers), itertools.cycle(["killed", "frozen", "deposed"])):
            load.send(options.tasks // options.failovers)
            restore, began = fail_over(servers, kind), time.monotonic()
            promises.await_workers()
            back_s.append(time.monotonic() - began)
            promises.hold()
            restore()
            servers.settle()
            failovers[kind] += 1
            print(f"{number + 1}: {kind}, workers back {back_s[-1]:.1f} s after there was another primary; the promises hold", flush=True)
        promises.hold_for_a_killed_worker()
        figures = load.figures(load.finish(options.limit))
        figures["quarantined wrongly"] = wrongly_quarantined(servers)
    finally:
        for worker in [*started, *load.workers]:
            if worker.process.poll() is None:
                worker.kill()
        servers.close()
    return {"failovers": dict(failovers), "workers back, s: median, longest": f"{sorted(back_s)[len(back_s) // 2]:.1f}, {max(back_s):.1f}", **figures}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--failovers", type=int, default=20)
    parser.add_argument("--tasks", type=int, default=2000)
    parser.add_argument("--limit", type=float, default=300, metavar="SECONDS", help="for what is left when the last failover is over")
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="failovers")
    try:
        figures = run(options, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for name, value in figures.items():
        print(f"{name:34} {value}")
    return 1 if figures["lost"] or figures["failed"] or figures["begun more than once"] or figures["quarantined wrongly"] else 0


if __name__ == "__main__":
    sys.exit(main())
