"""Thousands of cheap tasks, while children, whole workers and the broker are killed at random: each task must have one result.

    build/release/tests/python/venv/bin/python bench/celery_chaos.py --tasks 2000

The sender does what a sender has to do: it sends again, under the same id, what has had no result for a while. Prints a table, and
what a task costs beyond the engine's own work. With --broker sentinel the broker is the primary of three
Redis servers, and each time another one takes over; with --broker amqp the queue is RabbitMQ's (rabbitmq-server must be
installed), and Redis keeps the results.
"""

import argparse
import itertools
import json
import os
import pathlib
import random
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "testing/celery"))

import kombu.exceptions  # noqa: E402
import redis  # noqa: E402
from fleet import Redis, Worker, free_port, plain_app, until  # noqa: E402
from sentinels import Sentinels  # noqa: E402

from odordiff import OdorDiffusion  # noqa: E402

BRIEFS = ["rose", "musk", "lemon", "mint", "wood", "smoke", "honey", "tea"]
RESEND_S = 20


def prompt(number):
    """A cheap one, of 100 different kinds."""
    request = {"brief": BRIEFS[number % len(BRIEFS)], "count": 1, "effort": 0.5, "seed": number % 100}
    return json.dumps({"form": "v1", "request": request})


class Rabbit:
    """A rabbitmq-server of one's own, with its data in a folder and a port mapper of its own."""

    PROGRAM = "/usr/lib/rabbitmq/bin/rabbitmq-server"  # Debian's other one changes the user

    def __init__(self, folder):
        self._port, mapper, plugins = free_port(), free_port(), pathlib.Path(folder, "plugins")
        plugins.write_text("[].")
        self.url = f"amqp://guest:guest@127.0.0.1:{self._port}//"
        self._environment = {
            **os.environ, "HOME": str(folder), "ERL_EPMD_PORT": str(mapper), "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1", "RABBITMQ_NODE_PORT": str(self._port), "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_NODENAME": "chaos@localhost", "RABBITMQ_MNESIA_BASE": str(folder), "RABBITMQ_LOG_BASE": str(folder),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(plugins)}
        self._mapper = subprocess.Popen(["epmd", "-port", str(mapper)], env=self._environment)
        self.start()

    def start(self):
        self._process = subprocess.Popen([self.PROGRAM], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                         start_new_session=True, env=self._environment)
        until(self._listens, 90)

    def _listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self._port)) == 0

    def kill(self):
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def close(self):
        self.kill()
        self._mapper.kill()
        self._mapper.wait()


def patiently(what, seconds=60):
    """Does it once the broker is there again."""
    end = time.monotonic() + seconds
    while True:
        try:
            return what()
        except (redis.RedisError, kombu.exceptions.OperationalError, OSError):
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


class Chaos:
    """What is killed, and started again."""

    def __init__(self, folder, broker, results, kills_each_s):
        self._folder, self._broker, self._results, self._each_s = folder, broker, results, kills_each_s
        self.killed = {"child": 0, "worker": 0, "broker": 0}
        self._kinds = itertools.cycle(["child", "worker", "child", "broker"])
        self._next = time.monotonic() + kills_each_s
        self.workers = [self._worker() for _ in range(2)]

    def _worker(self):
        return Worker(self._folder, self._broker.url, "-c", "1", "-Q", "batch", "--loglevel", "WARNING",
                      ODORDIFF_RESULT_URL=self._results.url)

    def look(self):
        """Kills something where it is time."""
        if self._each_s <= 0 or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + self._each_s * random.uniform(0.5, 1.5)
        kind = next(self._kinds)
        victim = random.randrange(len(self.workers))
        if kind == "child":
            children = self.workers[victim].children()
            if not children:
                return
            os.kill(random.choice(children), signal.SIGKILL)
        elif kind == "worker":
            self.workers[victim].kill()
            self.workers[victim] = self._worker()
        else:
            self._broker.kill()
            self._broker.start()
            if isinstance(self._broker, Sentinels):
                self._broker.settle()
        self.killed[kind] += 1

    def end(self):
        """Lets nothing behind."""
        for worker in self.workers:
            worker.kill()


def done(results, names):
    """Which of these tasks have a result."""
    keys = [f"celery-task-meta-{name}" for name in names]
    return {name for name, value in zip(names, patiently(lambda: results.client.mget(keys)), strict=True)
            if value and b"SUCCESS" in value}


def failed(results, names):
    """How many of these tasks have failed."""
    return sum(b"FAILURE" in (value or b"") for value in results.client.mget([f"celery-task-meta-{name}" for name in names]))


def run(options, folder):
    """The figures of one run."""
    kind = Sentinels if options.broker == "sentinel" else Redis
    results = kind(tempfile.mkdtemp(dir=folder))
    broker = Rabbit(tempfile.mkdtemp(dir=folder)) if options.broker == "amqp" else results
    sender = results.sender() if options.broker == "sentinel" else plain_app(broker.url, results.url)
    sender.conf.task_queues = [kombu.Queue("batch", kombu.Exchange("batch"), routing_key="batch", max_priority=10)]
    names = [f"chaos{number}" for number in range(options.tasks)]

    def send(number):
        patiently(lambda: sender.send_task("odordiff.answer_prompt", [prompt(number)], task_id=names[number], queue="batch"))

    began = time.monotonic()
    for number in range(options.tasks):
        send(number)
    sent_s = time.monotonic() - began
    chaos = Chaos(folder, broker, results, options.kill_each)
    try:
        started, waiting, resent, quiet = time.monotonic(), dict.fromkeys(names, 0.0), 0, time.monotonic()
        while waiting:
            chaos.look()
            finished = done(results, list(waiting))
            for name in finished:
                del waiting[name]
            if finished:
                quiet = time.monotonic()
            elif time.monotonic() - quiet > RESEND_S:  # nothing moves: what is missing was lost on its way
                quiet = time.monotonic()
                for name in waiting:
                    send(names.index(name))
                    resent += 1
            if time.monotonic() - started > options.limit:
                break
            time.sleep(0.1)
        took_s = time.monotonic() - started
        starts = [int(value or 0) for value in results.client.mget([f"odordiff:starts:{name}" for name in names])]
        doubled = sum(count > 1 for count in starts)
        failures = failed(results, names)
        answers = [sender.AsyncResult(name).result for name in names if name not in waiting]
    finally:
        chaos.end()
        getattr(results, "close", results.kill)()
        if broker is not results:
            broker.close()
    right = {number % 200: None for number in range(options.tasks)}
    engine = OdorDiffusion.from_pretrained(threads=1)
    wrong = 0
    for number, answer in zip((n for n in range(options.tasks) if names[n] not in waiting), answers, strict=True):
        same = number % 200
        if right[same] is None:
            right[same] = engine.ask_text("answer_prompt", prompt(number))
        wrong += answer != right[same]
    return {"broker": options.broker, "tasks": options.tasks, "sent_s": round(sent_s, 2), "took_s": round(took_s, 1),
            "missing": len(waiting), "failed": failures, "wrong": wrong, "begun more than once": doubled, "sent again": resent,
            **{f"killed: {kind}": count for kind, count in chaos.killed.items()}}


def overhead(options, folder):
    """Wall and CPU milliseconds a task: through one worker of one child, and in this process."""
    results = Redis(tempfile.mkdtemp(dir=folder))
    sender = plain_app(results.url, results.url)
    number = min(options.tasks, 300)
    worker = Worker(folder, results.url, "-c", "1", "-Q", "batch", "--loglevel", "WARNING")
    try:
        until(worker.children, 60)
        sender.send_task("odordiff.answer_prompt", [prompt(0)], queue="batch").get(timeout=60)
        cpu, began = cpu_s(worker), time.monotonic()
        sent = [sender.send_task("odordiff.answer_prompt", [prompt(n)], queue="batch") for n in range(number)]
        for task in sent:
            task.get(timeout=120)
        fleet = (time.monotonic() - began) / number, (cpu_s(worker) - cpu) / number
    finally:
        worker.kill()
        results.kill()
    engine = OdorDiffusion.from_pretrained(threads=1).load()
    engine.ask_text("answer_prompt", prompt(0))
    cpu, began = time.process_time(), time.monotonic()
    for n in range(number):
        engine.ask_text("answer_prompt", prompt(n))
    here = (time.monotonic() - began) / number, (time.process_time() - cpu) / number
    return {"tasks": number, "wall ms a task": round(1000 * fleet[0], 2), "CPU ms a task": round(1000 * fleet[1], 2),
            "wall ms in process": round(1000 * here[0], 2), "CPU ms in process": round(1000 * here[1], 2)}


def cpu_s(worker):
    """User and system time of the worker and its children so far."""
    ticks = 0
    for pid in [worker.process.pid, *worker.children()]:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=2000)
    parser.add_argument("--kill-each", type=float, default=3, metavar="SECONDS", help="0: nothing is killed")
    parser.add_argument("--broker", choices=["redis", "sentinel", "amqp"], default="redis")
    parser.add_argument("--limit", type=float, default=900, metavar="SECONDS")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.broker == "amqp" and not os.path.exists(Rabbit.PROGRAM):
        sys.exit("rabbitmq-server is not installed")
    random.seed(options.seed)
    folder = tempfile.mkdtemp(prefix="chaos")
    try:
        figures = run(options, folder)
        costs = overhead(options, folder) if options.broker == "redis" else {}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for name, value in [*figures.items(), *costs.items()]:
        print(f"{name:24} {value}")
    print(f"{'peak MB of a child':24} {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024}")
    return 1 if figures["missing"] or figures["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
