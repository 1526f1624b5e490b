"""A Redis, Celery workers and Celery's tools, all of one's own, on loopback, for the tests and the benchmarks."""

import collections
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import celery
import redis


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(what, seconds, each=0.05):
    """What `what` gives once it is true. Raises TimeoutError."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(each)
    raise TimeoutError(f"not within {seconds} s")


def progress(task):
    """What a batch says of its progress now, {} when it says nothing. Read once: each of the task's own properties asks anew."""
    now = task.backend.get_task_meta(task.id)
    return now["result"] if now["status"] == "PROGRESS" else {}


class Redis:
    """A redis-server that writes each command to disk, so that it can be killed."""

    def __init__(self, folder):
        self.folder, self.port = pathlib.Path(folder), free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.client = redis.Redis(port=self.port)
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--dir", self.folder, "--save", "",
             "--appendonly", "yes", "--appendfsync", "always"], stdout=subprocess.DEVNULL)
        until(self._answers, 60)

    def _answers(self):
        try:
            return self.client.ping()
        except redis.RedisError:
            return False

    def kill(self):
        self.process.kill()
        self.process.wait()


class Worker:
    """`celery -A odordiff.celery_app worker` with these arguments, in a process group of its own."""

    latest = collections.deque(maxlen=3)

    def __init__(self, folder, broker, *arguments, **environment):
        self.name = f"w{time.monotonic_ns()}@test"
        self.log = pathlib.Path(folder, f"{self.name}.log")
        self.latest.append(self)
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "odordiff.celery_app", "worker", "--loglevel", "INFO",
                 "-n", self.name, *arguments],
                env={**os.environ, "ODORDIFF_BROKER_URL": broker, "PYTHONDONTWRITEBYTECODE": "1", **environment},
                stdout=log, stderr=subprocess.STDOUT, start_new_session=True)

    @property
    def text(self):
        return self.log.read_text(errors="replace")

    def ready(self):
        until(lambda: " ready." in self.text or self.process.poll() is not None, 60)
        assert self.process.poll() is None, self.text
        return self

    def children(self):
        """Process ids of the pool."""
        try:
            listed = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        except OSError:
            return []
        return [int(pid) for pid in listed.split()]

    def kill(self):
        """-9, the worker and its children."""
        for pid in [self.process.pid, *self.children()]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()

    def stop(self):
        """Warm: what is at work is finished."""
        self.process.terminate()
        self.process.wait(timeout=60)


def plain_app(broker, results):
    """A sender that knows nothing of odordiff."""
    app = celery.Celery("sender", broker=broker, backend=results)
    app.conf.update(task_serializer="msgpack", result_serializer="msgpack", accept_content=["msgpack", "json"],
                    result_accept_content=["msgpack", "json"], broker_transport_options={"priority_steps": list(range(10))})
    return app


def tool(broker, *arguments, stdout=subprocess.PIPE, **environment):
    """`celery -A odordiff.celery_app` with these arguments, started."""
    return subprocess.Popen([sys.executable, "-m", "celery", "-A", "odordiff.celery_app", *arguments], stdout=stdout,
                            stderr=subprocess.DEVNULL, text=True,
                            env={**os.environ, "ODORDIFF_BROKER_URL": broker, "PYTHONDONTWRITEBYTECODE": "1", **environment})


class Flower:
    """Flower on loopback, which shows workers and tasks in a browser."""

    def __init__(self, broker):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._process = tool(broker, "flower", "--address=127.0.0.1", f"--port={port}", stdout=subprocess.DEVNULL,
                             FLOWER_UNAUTHENTICATED_API="true")

    def ask(self, path):
        """JSON; nothing while it does not answer."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=10) as answer:
                return json.load(answer)
        except OSError:
            return None

    def workers(self):
        """Those that it has heard of, by name."""
        return {worker["hostname"]: worker for worker in (self.ask("/workers?json=1") or {"data": []})["data"]}

    def stop(self):
        self._process.kill()
        self._process.wait()
