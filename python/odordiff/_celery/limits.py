"""Numbers from the environment, and limits of time that hold together, wherever they come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import InvalidInput

_SOFT_PART = 0.9  # of the hard limit


def consistent(hard: float | None, soft: float | None) -> tuple[float | None, float | None]:
    """Celery starts a task's hard limit when its soft one is over, so that a hard limit which is not the later one never ends anything.
    Here the soft one is earlier then."""
    if hard and soft and soft >= hard:
        return hard, _SOFT_PART * hard
    return hard, soft


def number(environment: Mapping[str, str], name: str, default: float, *, least: float, kind: type = int) -> Any:
    """The value of a variable; where it is empty, as if it were not there."""
    text = environment.get(name) or str(default)
    what = f"{name} is {text!r}; it takes a {'whole number' if kind is int else 'number'}, {least} or more"
    try:
        value = kind(text)
    except ValueError:
        raise InvalidInput(what) from None
    if not least <= value < float("inf"):
        raise InvalidInput(what)
    return value


def of_tasks(environment: Mapping[str, str]) -> tuple[float, float]:
    """The hard limit and the soft one, in seconds; that which is not set follows the other."""
    soft = number(environment, "ODORDIFF_SOFT_LIMIT_S", 300, least=0.1, kind=float)
    hard = number(environment, "ODORDIFF_HARD_LIMIT_S", 330, least=0.1, kind=float)
    if soft >= hard and not environment.get("ODORDIFF_HARD_LIMIT_S"):
        hard = soft / _SOFT_PART
    if soft >= hard and not environment.get("ODORDIFF_SOFT_LIMIT_S"):
        soft = _SOFT_PART * hard
    if soft >= hard:
        raise InvalidInput(f"ODORDIFF_HARD_LIMIT_S ({hard:g}) must be more than ODORDIFF_SOFT_LIMIT_S ({soft:g}): a task is told to end at "
                           "the soft limit, and its child is killed at the hard one")
    return hard, soft


def of_results(environment: Mapping[str, str], hard: float) -> int:
    """Seconds after which results go."""
    life: int = number(environment, "ODORDIFF_RESULT_EXPIRES_S", 86_400, least=1)
    if life <= hard:
        raise InvalidInput(f"ODORDIFF_RESULT_EXPIRES_S ({life}) must be more than ODORDIFF_HARD_LIMIT_S ({hard:g}): a batch's answers would "
                           "be gone before the last of its tasks has ended")
    return life
