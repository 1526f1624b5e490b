"""Server-Sent Events, line by line."""

from __future__ import annotations

import json
from dataclasses import dataclass

from ._backend import Json


@dataclass
class ServerEvent:
    """One event; ``id`` is what a stream can be resumed behind, empty where it cannot."""

    kind: str
    id: str
    data: Json


class SseReader:
    """Takes lines without their ends; gives an event at each empty line that closes one."""

    def __init__(self) -> None:
        self._kind, self._id, self._data = "message", "", ""

    def feed(self, line: str) -> ServerEvent | None:
        """The event that ends with this line, if one does."""
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            self._kind = value
        elif name == "id":
            self._id = value
        elif name == "data":
            self._data += value
        elif not line and self._data:
            event = ServerEvent(self._kind, self._id, json.loads(self._data))
            self._kind, self._id, self._data = "message", "", ""
            return event
        return None
