"""The engine of this process: loaded when first used, once a process, and anew behind a fork.

The engine has threads, and a fork copies none of them. So a forked process forgets the engine that it inherited and loads its
own when it first needs one; the weights are memory maps of the same files and so the same memory.
"""

from __future__ import annotations

import asyncio
import json
import os
import threading
import weakref
from collections.abc import AsyncGenerator, Generator
from pathlib import Path

from . import _native
from ._backend import Event, Json
from .errors import Unavailable

_INSTALLED = Path(__file__).parent / "share" / "models"
_engines: weakref.WeakSet[LocalEngine] = weakref.WeakSet()


def model_folder(name_or_folder: str | os.PathLike[str] | None = None) -> Path:
    """The folder given, or of that name in this package; without one ODORDIFF_MODEL, else the package's own model.

    Raises Unavailable where there is none.
    """
    return Path(_native.find_model(os.fspath(name_or_folder) if name_or_folder else "", os.fspath(_INSTALLED)))


class LocalEngine:
    """A backend that computes here. Safe to use from many threads."""

    def __init__(self, folder: Path, precision: str, threads: int) -> None:
        self._folder, self._precision, self._threads = folder, precision, threads
        self._lock = threading.Lock()
        self._native: _native.Engine | None = None
        _engines.add(self)

    def native(self) -> _native.Engine:
        """The loaded engine; loading takes some tenths of a second. Raises Unavailable, InvalidInput."""
        with self._lock:
            if self._native is None:
                self._native = _native.Engine(os.fspath(self._folder), self._precision, self._threads)
            return self._native

    def forget(self) -> None:
        """In a forked process: the engine and the lock that were inherited are of no use."""
        self._lock = threading.Lock()
        inherited, self._native = self._native, None
        if inherited is not None:
            inherited.abandon()

    def close(self) -> None:
        with self._lock:
            self._native = None

    def ask_text(self, operation: str, body: str) -> str:
        """The answer's JSON, exactly as the engine wrote it."""
        call = self.native().start(operation, body)
        try:
            while True:
                event = call.next()
                if event is not None and event[0] == "answer":
                    return event[1]
        finally:
            call.cancel()

    def ask(self, operation: str, body: Json) -> Json:
        answer: Json = json.loads(self.ask_text(operation, to_text(body)))
        return answer

    def events(self, body: Json) -> Generator[Event, None, None]:
        call = self.native().start("generate", to_text(body))
        try:
            while True:
                event = call.next()
                if event is None:
                    continue
                yield event[0], json.loads(event[1])
                if event[0] == "answer":
                    return
        finally:
            call.cancel()

    async def ask_async(self, operation: str, body: Json) -> Json:
        answer: Json = {}
        async for kind, data in self._events_async(operation, body):
            if kind == "answer":
                answer = data
        return answer

    def events_async(self, body: Json) -> AsyncGenerator[Event, None]:
        return self._events_async("generate", body)

    async def _events_async(self, operation: str, body: Json) -> AsyncGenerator[Event, None]:
        loop = asyncio.get_running_loop()
        native = self._native
        if native is None:
            native = await asyncio.to_thread(self.native)
        call = native.start(operation, to_text(body))
        ended = False
        try:
            while not ended:
                event = call.next(0)
                if event is None:
                    await _readable(loop, call.fileno())
                    continue
                ended = event[0] == "answer"
                yield event[0], json.loads(event[1])
        finally:
            call.cancel()
            if not ended:  # the work ends at the sampler's next step, which the loop need not wait for
                loop.run_in_executor(None, call.end)


def to_text(body: Json) -> str:
    """Members that are None are left out."""
    return json.dumps({name: value for name, value in body.items() if value is not None})


async def _readable(loop: asyncio.AbstractEventLoop, file: int) -> None:
    ready: asyncio.Future[None] = loop.create_future()

    def tell() -> None:
        if not ready.done():
            ready.set_result(None)

    loop.add_reader(file, tell)
    try:
        await ready
    finally:
        loop.remove_reader(file)


def _forget_all() -> None:
    for engine in list(_engines):
        engine.forget()


os.register_at_fork(after_in_child=_forget_all)
