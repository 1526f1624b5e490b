"""Molecules as they come: an iterator for both ``for`` and ``async for``."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from types import TracebackType

from ._backend import Backend, Json
from .errors import OdorDiffError
from .results import Molecule, MoleculeList
from .safety import Picker


class MoleculeStream:
    """Gives each molecule as soon as it has passed every filter, so not in order (``rank`` says its place).

    Nothing is computed before the first one is asked for. Closing the stream, leaving its ``with`` or ``async with``, dropping
    it, or cancelling the task that waits for it ends the work. ``result`` is the whole answer once the stream is through.
    """

    def __init__(self, backend: Backend, body: Json, picker: Picker) -> None:
        self._backend, self._body, self._picker = backend, body, picker
        self._sync: Generator[Molecule, None, None] | None = None
        self._async: AsyncGenerator[Molecule, None] | None = None
        self._answer: Json | None = None

    @property
    def result(self) -> MoleculeList:
        """All molecules, best first. Raises OdorDiffError before the end of the stream."""
        if self._answer is None:
            raise OdorDiffError("the stream has not come to its end")
        return MoleculeList(self._picker.chosen(), self._answer)

    def _take(self, kind: str, data: Json) -> list[Molecule]:
        if kind == "molecule":
            return self._picker.add(Molecule(data))
        if kind == "answer":
            self._answer = {name: value for name, value in data.items() if name != "molecules"}
            return self._picker.rest()
        return []

    def _generate(self) -> Generator[Molecule, None, None]:
        events = self._backend.events(self._body)
        try:
            for kind, data in events:
                yield from self._take(kind, data)
        finally:
            events.close()

    async def _generate_async(self) -> AsyncGenerator[Molecule, None]:
        events = self._backend.events_async(self._body)
        try:
            async for kind, data in events:
                for molecule in self._take(kind, data):
                    yield molecule
        finally:
            await events.aclose()

    def __iter__(self) -> MoleculeStream:
        return self

    def __next__(self) -> Molecule:
        if self._sync is None:
            self._sync = self._generate()
        return next(self._sync)

    def close(self) -> None:
        """Ends the work."""
        if self._sync is not None:
            self._sync.close()

    def __enter__(self) -> MoleculeStream:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def __aiter__(self) -> MoleculeStream:
        return self

    async def __anext__(self) -> Molecule:
        if self._async is None:
            self._async = self._generate_async()
        return await anext(self._async)

    async def aclose(self) -> None:
        """Ends the work."""
        if self._async is not None:
            await self._async.aclose()

    async def __aenter__(self) -> MoleculeStream:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.aclose()
