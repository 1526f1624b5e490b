"""What goes wrong, in a few kinds. Messages come from the engine: one line that says what was wrong and what would be right."""

from __future__ import annotations


class OdorDiffError(Exception):
    """Any failure of odordiff; raised itself only for a fault of ours."""


class InvalidInput(OdorDiffError, ValueError):
    """The caller gave something wrong. ``fields`` has (JSON Pointer, detail) of each member that is wrong, where known."""

    def __init__(self, message: str, fields: list[tuple[str, str]] | None = None) -> None:
        super().__init__(message)
        self.fields: list[tuple[str, str]] = fields or []


class Overloaded(OdorDiffError):
    """Too much is asked at once; the same call may succeed after ``retry_after`` seconds."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(OdorDiffError):
    """Something that the call needs (the model, a server, an optional package) is not there or not usable."""


class OtherModel(OdorDiffError):
    """A task asks for another model than its worker has; another worker may have it."""


class Cancelled(OdorDiffError):
    """The call was cancelled, or its iterator closed, before the answer was ready."""
