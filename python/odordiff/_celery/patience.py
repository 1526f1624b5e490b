"""Redis may be away for a while: it is restarted, or full, or another master takes over."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import redis
from redis._parsers.base import BaseParser

_LONGEST_S, _PAUSE_S = 60.0, 0.2
# A primary without replicas takes no writes, and may have been replaced; one that becomes a replica sends away who waits there. Its
# clients are to ask the sentinels anew, as redis-py does for a replica. It has no names of its own for these answers.
for _code in ("NOREPLICAS", "UNBLOCKED"):
    BaseParser.EXCEPTION_CLASSES.setdefault(_code, redis.exceptions.ReadOnlyError)
#: Of a server that is away, or full, or a master no more.
AWAY = (redis.ConnectionError, redis.TimeoutError, redis.exceptions.OutOfMemoryError, redis.exceptions.ReadOnlyError)
T = TypeVar("T")


def patiently(call: Callable[[], T]) -> T:
    """What ``call``, which may be made twice, gives, once Redis is there. Raises what it raised where that takes a minute."""
    until = time.monotonic() + _LONGEST_S
    while True:
        try:
            return call()
        except AWAY:
            if time.monotonic() > until:
                raise
            time.sleep(_PAUSE_S)
