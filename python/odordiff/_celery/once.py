"""Work that is done once, however often its message is delivered.

Who works at a task holds a lease in Redis and renews it. A second delivery of the same task finds the result where there is one,
else waits for who holds the lease; when the lease runs out, since its holder is dead, it does the work. A task that was begun
several times and never ended takes its workers down, and is given up.

Each end of a task is one script, so that all of it costs two round trips, and a result and the end of its lease are one step.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from celery import Task, states
from celery.backends.redis import RedisBackend

from ..errors import OdorDiffError
from .patience import AWAY, patiently

_LEASE_MS, _RENEWAL_S, _LOOK_S = 5_000, 1.0, 0.1
_MOST_STARTS = 5
_DAY_S, _REMEMBERED_S = 86_400, 600

# KEYS of all: the result, the lease, how often the task was begun. ARGV[1]: who asks.
_TOOLS = """
local function success()
  local text = redis.call('get', KEYS[1])
  local readable, meta = pcall(cmsgpack.unpack, text or '')
  return readable and type(meta) == 'table' and meta.status == 'SUCCESS' and text
end
local function release()
  if redis.call('get', KEYS[2]) == ARGV[1] then redis.call('del', KEYS[2]) end
end
"""
# The result; else 0 where somebody else has the lease; else how often it was begun, now included. May be asked again.
_BEGIN = _TOOLS + """
local found = success()
if found then return found end
local owner = redis.call('get', KEYS[2])
if owner and owner ~= ARGV[1] then return 0 end
redis.call('set', KEYS[2], ARGV[1], 'px', ARGV[2])
if not owner then
  redis.call('incr', KEYS[3])
  redis.call('expire', KEYS[3], ARGV[3])
end
return tonumber(redis.call('get', KEYS[3]))
"""
_RENEW = "return redis.call('get', KEYS[2]) == ARGV[1] and redis.call('pexpire', KEYS[2], ARGV[2])"
# Keeps the result as Celery does, unless there is one: that is what it gives then.
_SUCCEED = _TOOLS + """
local found = success()
if not found then
  redis.call('setex', KEYS[1], ARGV[3], ARGV[2])
  redis.call('publish', KEYS[1], ARGV[2])
end
redis.call('expire', KEYS[3], ARGV[4])
release()
return found
"""
# It has ended, and no worker with it.
_FAIL = _TOOLS + """
redis.call('decrby', KEYS[3], ARGV[2])
release()
"""


class TooManyStarts(OdorDiffError):
    """The task was begun again and again, and its workers died."""


def once(task: Task, key: str | None, work: Callable[[], Any]) -> Any:
    """The result of ``work``, or the one that a task of the same id, or ``key``, has had. Results must fit into MessagePack."""
    if not isinstance(task.backend, RedisBackend):
        return work()
    turn = _Turn(task, key)
    while not (begun := turn.ask(_BEGIN, _LEASE_MS, _DAY_S)):
        time.sleep(_LOOK_S)
    if isinstance(begun, int):
        result = _work(turn, begun, work)
        meta = turn.meta(result)
        try:
            found = turn.ask(_SUCCEED, meta, int(task.app.conf.result_expires or _DAY_S), _REMEMBERED_S)
        except AWAY:  # Celery goes on trying to keep it
            return result
    else:
        found = begun
    if not key:
        task.request.ignore_result = True  # it is kept already
    return task.backend.decode(found)["result"] if found else result


def _work(turn: _Turn, begun: int, work: Callable[[], Any]) -> Any:
    if begun > _MOST_STARTS:
        turn.ask(_FAIL, 0)
        raise TooManyStarts(f"the task was begun {begun - 1} times, and each time its worker died; it is not tried again")
    try:
        with turn.lease():
            return work()
    except BaseException:
        turn.ask(_FAIL, 1)
        raise


class _Turn:
    """One delivery of a task."""

    def __init__(self, task: Task, key: str | None) -> None:
        name = f"key:{key}" if key else task.request.id
        self._task, self._owner = task, uuid.uuid4().hex
        result = f"odordiff:result:{name}" if key else task.backend.get_key_for_task(name)
        self._keys = (result, f"odordiff:lease:{name}", f"odordiff:starts:{name}")

    def ask(self, script: str, *values: Any) -> Any:
        """What the script says, once Redis is there."""
        return patiently(lambda: self._eval(script, *values))

    def _eval(self, script: str, *values: Any) -> Any:
        return self._task.backend.client.eval(script, len(self._keys), *self._keys, self._owner, *values)

    def meta(self, result: Any) -> Any:
        """The result as Celery keeps it."""
        backend, request = self._task.backend, self._task.request
        meta = backend._get_result_meta(result, states.SUCCESS, None, request)
        return backend.encode({**meta, "task_id": request.id})

    @contextmanager
    def lease(self) -> Iterator[None]:
        """Renewed by a thread; the engine's calls let threads run."""
        over = threading.Event()

        def renew() -> None:
            while not over.wait(_RENEWAL_S):
                try:
                    self._eval(_RENEW, _LEASE_MS)
                except AWAY:  # where that takes long, the work may be done twice
                    continue

        threading.Thread(target=renew, daemon=True).start()
        try:
            yield
        finally:
            over.set()
