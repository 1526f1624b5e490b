"""Work that is done once, however often its message is delivered.

Who works at a task holds a lease in Redis and renews it. A second delivery of the same task finds the result where there is one,
else waits for who holds the lease; when the lease runs out, since its holder is dead, it does the work. A task that was begun
several times and never ended takes its workers down, and is given up.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

import msgpack
from celery import Task, states
from celery.backends.redis import RedisBackend

from ..errors import OdorDiffError
from .patience import AWAY, patiently

_LEASE_MS, _RENEWAL_S, _LOOK_S = 5_000, 1.0, 0.1
_MOST_STARTS = 5
_DAY_S, _REMEMBERED_S = 86_400, 600

# Only who holds a lease may renew it or give it back.
_RENEW = "return redis.call('get', KEYS[1]) == ARGV[1] and redis.call('pexpire', KEYS[1], ARGV[2]) or 0"
_RELEASE = "return redis.call('get', KEYS[1]) == ARGV[1] and redis.call('del', KEYS[1]) or 0"


class TooManyStarts(OdorDiffError):
    """The task was begun again and again, and its workers died."""


def once(task: Task, key: str | None, work: Callable[[], Any]) -> Any:
    """The result of ``work``, or the one that a task of the same id, or ``key``, has had. Results must fit into MessagePack."""
    if not isinstance(task.backend, RedisBackend):
        return work()
    name = f"key:{key}" if key else str(task.request.id)
    found = _Found(task, name, bool(key))
    lease = _Lease(task.backend.client, name)
    while True:
        if patiently(found.look):
            return found.result
        if patiently(lease.acquire):
            break
        time.sleep(_LOOK_S)
    try:
        if not patiently(found.look):  # else its holder finished in between
            found.result = _counted(task, name, work)
            if key:
                patiently(found.keep)
            else:  # Celery keeps the result a moment later, and until then nobody may begin anew
                lease.let_run_out()
        return found.result
    finally:
        lease.release()


class _Found:
    """The result that is kept: Celery's own of the task's id, or one under a key."""

    def __init__(self, task: Task, name: str, by_key: bool) -> None:
        self._task, self._record = task, f"odordiff:result:{name}" if by_key else None
        self.result: Any = None

    def look(self) -> bool:
        backend = self._task.backend
        if self._record is None:
            meta = backend.get_task_meta(self._task.request.id, cache=False)
            self.result = meta["result"]
            return bool(meta["status"] == states.SUCCESS)
        kept = backend.client.get(self._record)
        if kept is None:
            return False
        self.result = msgpack.unpackb(kept)
        return True

    def keep(self) -> None:
        """The first one stays."""
        expiry_s = int(self._task.app.conf.result_expires or _DAY_S)
        self._task.backend.client.set(self._record, msgpack.packb(self.result), nx=True, ex=expiry_s)


class _Lease:
    """Renewed by a thread while it is held; the engine's calls let threads run."""

    def __init__(self, client: Any, name: str) -> None:
        self._client, self._key, self._owner = client, f"odordiff:lease:{name}", uuid.uuid4().hex
        self._released = threading.Event()

    def acquire(self) -> bool:
        """False: somebody else holds it."""
        if not self._client.set(self._key, self._owner, nx=True, px=_LEASE_MS):
            return False
        threading.Thread(target=self._renew, daemon=True).start()
        return True

    def _renew(self) -> None:
        while not self._released.wait(_RENEWAL_S):
            try:
                self._client.eval(_RENEW, 1, self._key, self._owner, _LEASE_MS)
            except AWAY:  # where that takes long, the work may be done twice
                continue

    def let_run_out(self) -> None:
        """Nobody has it for as long as a lease lasts."""
        self._released.set()

    def release(self) -> None:
        """Gives it back, unless it is left to run out."""
        if self._released.is_set():
            return
        self._released.set()
        try:
            self._client.eval(_RELEASE, 1, self._key, self._owner)
        except AWAY:  # it runs out by itself
            pass


def _counted(task: Task, name: str, work: Callable[[], Any]) -> Any:
    """Does the work unless it has killed its workers too often."""
    client, key = task.backend.client, _starts_key(name)
    starts, _ = patiently(lambda: client.pipeline().incr(key).expire(key, _DAY_S).execute())
    if starts > _MOST_STARTS:
        raise TooManyStarts(f"the task was begun {starts - 1} times, and each time its worker died; it is not tried again")
    try:
        result = work()
    except BaseException:
        patiently(lambda: client.decr(key))  # it has ended, and no worker with it
        raise
    patiently(lambda: client.expire(key, _REMEMBERED_S))
    return result


def _starts_key(name: str) -> str:
    return f"odordiff:starts:{name}"
