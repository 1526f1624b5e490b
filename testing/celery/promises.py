"""What docs/celery.md promises of workers, asked of two of them again and again, whatever has become of their broker."""

import contextlib
import itertools
import json
import os
import signal
import time

import kombu.exceptions
import redis
from celery.events.receiver import EventReceiver

from fleet import until

AWAY = (redis.RedisError, kombu.exceptions.OperationalError, OSError)
VISIBILITY_S = 5  # a worker renews each second, also when it waits for a processor
PATIENCE_S = 120  # far beyond anything but a broken promise, also on a busy machine
LONG = {"brief": "wood", "count": 10, "effort": 4}  # a second or so


class Promises:
    """Two workers of one child each: one reads the queues `generation` and `preprocessing`, the other `generation` alone.

    REQUIRES: nobody else reads these queues, and they are empty.
    """

    def __init__(self, sender, servers, start):
        self._sender, self._client = sender, servers.client
        self._rounds = itertools.count()
        self._one, self._other = (start("-c", "1", "-Q", queues, ODORDIFF_VISIBILITY_S=str(VISIBILITY_S))
                                  for queues in ("generation,preprocessing", "generation"))
        self.workers = [self._one.ready(), self._other.ready()]

    def await_workers(self):
        """Until both are reached through the broker."""
        until(self._are_back, PATIENCE_S)

    def hold(self):
        """Raises where one of them does not, once both workers are back."""
        name = f"round{next(self._rounds)}"
        self.await_workers()
        EventReceiver(self._sender.connection_for_read()).capture(limit=1, timeout=20, wakeup=False)
        self._client.config_resetstat()
        before = self._client.llen("odordiff:quarantine")
        self._a_long_task_is_received_once(name)
        until(lambda: self._client.llen("odordiff:quarantine") >= before + 2, PATIENCE_S)
        until(lambda: not self._client.hlen("unacked") and not self._client.llen("preprocessing"), PATIENCE_S)
        reasons = [json.loads(entry)["reason"] for entry in self._client.lrange("odordiff:quarantine", 0, -1)]
        assert all("no message of Celery's" in reason for reason in reasons), reasons
        assert [worker.process.poll() for worker in self.workers] == [None, None]
        commands = self._client.info("commandstats")
        assert "cmdstat_brpop" not in commands and "cmdstat_blpop" in commands, "another transport is in use"

    def _a_long_task_is_received_once(self, name):
        """And meanwhile garbage comes, and tasks that are worked at by their urgency afterwards."""
        long, urgent = f"{name}-long", [f"{name}-urgent{priority}" for priority in (5, 9, 0, 3)]
        self._send("odordiff.generate", kwargs=LONG, queue="preprocessing", task_id=long)
        self._begun(long, 1)
        child, = self._one.children()
        os.kill(child, signal.SIGSTOP)
        for queue in ("generation", "preprocessing"):
            self._client.lpush(queue, "garbage")
        for task in urgent:
            self._send("odordiff.understand", args=["rose"], queue="preprocessing", task_id=task, priority=int(task[-1]))
        time.sleep(VISIBILITY_S + 1.5)  # the condition of the test: it takes longer than the visibility timeout
        os.kill(child, signal.SIGCONT)
        assert len(self._result(long)["molecules"]) == LONG["count"]
        assert all(self._result(task)["understood"] for task in urgent)
        until(lambda: all(f"[{task}] succeeded" in self._one.text for task in urgent), PATIENCE_S)  # told after the result is there
        text = self._one.text
        assert sorted(urgent, key=lambda task: text.index(f"[{task}] succeeded")) == sorted(urgent)
        assert [text.count(f"[{task}] received") for task in (long, *urgent)] == [1] * 5
        self._begun(long, 1)

    def hold_for_a_killed_worker(self):
        """What a killed worker held is soon at the other one."""
        self.await_workers()
        for number in range(20):  # until one is caught at work: a fast machine may have done it before it can be stopped
            task = f"killed{number}"
            self._send("odordiff.generate", kwargs=LONG, queue="generation", task_id=task)
            self._begun(task, 1)
            worker, = (until(lambda: [w for w in (self._one, self._other) if f"[{task}] received" in w.text], PATIENCE_S))
            os.kill(worker.children()[0], signal.SIGSTOP)
            if f"[{task}] succeeded" not in worker.text and not self._sender.AsyncResult(task).ready():
                break
            os.kill(worker.children()[0], signal.SIGCONT)
        worker.kill()
        self._begun(task, 2)
        assert len(self._result(task)["molecules"]) == LONG["count"]

    def _are_back(self):
        names = [worker.name for worker in self.workers]
        with contextlib.suppress(*AWAY):
            return len(self._sender.control.inspect(destination=names, timeout=2, limit=len(names)).ping() or {}) == len(names)
        return False

    def _send(self, task, **options):
        def sent():
            with contextlib.suppress(*AWAY):
                return self._sender.send_task(task, **options)
            return None

        until(sent, PATIENCE_S)

    def _begun(self, task, times):
        until(lambda: self._client.get(f"odordiff:starts:{task}") == b"%d" % times, PATIENCE_S, each=0.01)

    def _result(self, task):
        def found():
            with contextlib.suppress(*AWAY):
                return self._sender.AsyncResult(task).ready()
            return False

        until(found, PATIENCE_S)
        return self._sender.AsyncResult(task).result
