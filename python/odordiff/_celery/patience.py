"""Redis may be away for a while: it is restarted, or another master takes over."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import redis

_LONGEST_S, _PAUSE_S = 60.0, 0.2
#: Of a server that is away, or is a master no more.
AWAY = (redis.ConnectionError, redis.TimeoutError, redis.exceptions.ReadOnlyError)
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
