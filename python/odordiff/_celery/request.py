"""A message that a worker has taken: its sender may have limits of time of its own."""

from __future__ import annotations

from math import isfinite
from typing import Any

from celery.exceptions import InvalidTaskError
from celery.worker import request

from .limits import consistent

class Request(request.Request):
    """With the limits of its sender; where that has none, with those of its task."""

    time_limits: Any  # of the header; here the hard and the soft one

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        positional, named, more = self._payload
        if not (isinstance(positional, (list, tuple)) and isinstance(named, dict) and isinstance(more, (dict, type(None)))):
            raise InvalidTaskError("a body has a list of arguments, an object of named ones and an object of what is to follow")
        hard, soft = _read(self.time_limits)
        self.time_limits = consistent(hard or self.task.time_limit, soft or self.task.soft_time_limit)


def _read(limits: Any) -> tuple[float | None, float | None]:
    if not isinstance(limits, (list, tuple)) or len(limits) != 2 or not all(map(_is_limit, limits)):
        raise InvalidTaskError(f"the header timelimit has two numbers of seconds, the hard and the soft one, or null, not {limits!r}")
    return limits[0], limits[1]


def _is_limit(value: Any) -> bool:
    return value is None or (type(value) in (int, float) and isfinite(value) and value >= 0)
