"""What answers requests: the engine in this process or a server. Both take and give the JSON of the API over HTTP."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from typing import Any, Protocol

Json = dict[str, Any]
Event = tuple[str, Json]


class Backend(Protocol):
    """``operation`` is a name of ``odordiff._native.operations()``, ``body`` its JSON. All raise ``OdorDiffError``."""

    def ask(self, operation: str, body: Json) -> Json:
        """The answer."""

    async def ask_async(self, operation: str, body: Json) -> Json:
        """The answer, without blocking the event loop. Cancelling the task ends the work."""

    def events(self, body: Json) -> Generator[Event, None, None]:
        """What happens while molecules are generated; the last event is "answer". Closing it ends the work."""

    def events_async(self, body: Json) -> AsyncGenerator[Event, None]:
        """The same for an event loop."""

    def close(self) -> None:
        """Gives back what is held."""
