"""``Client``: the same questions as ``OdorDiffusion``, answered by an ``odordiff serve``; and jobs of many briefs."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncGenerator, Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Unpack
from urllib.parse import quote

from ._backend import Json
from ._requests import generate_body, whole
from .errors import Unavailable
from .perfumer import GenerateOptions, Perfumer
from .results import Molecule, MoleculeList

if TYPE_CHECKING:
    from ._http import HttpBackend

_FIRST_LOOK_S, _LONGEST_LOOK_S = 0.1, 2.0
_OPEN = ("queued", "running", "pending")


@dataclass(frozen=True)
class BatchResult:
    """What became of one brief. index: its place in the batch. molecules: None where it failed; then ``error`` says why."""

    index: int
    molecules: MoleculeList | None
    error: str | None
    raw: Json

    @classmethod
    def of(cls, raw: Json) -> BatchResult:
        """From the server's JSON."""
        if raw["failed"]:
            return cls(raw["index"], None, str(raw["error"]["detail"]), raw)
        answer = dict(raw["answer"])
        return cls(raw["index"], MoleculeList(map(Molecule, answer.pop("molecules")), answer), None, raw)


class BatchJob:
    """A job at the server, which survives both ends: ``Client.job(id)`` finds it again."""

    def __init__(self, backend: HttpBackend, id: str) -> None:
        self._backend, self.id = backend, id

    @property
    def _path(self) -> str:
        return f"/v1/jobs/{quote(self.id, safe='')}"

    def status(self) -> Json:
        """status, done, total, failed, rate and time left (docs/server.md)."""
        return self._backend.send("GET", self._path)

    def wait(self, timeout: float | None = None) -> Json:
        """The status once the job has ended. Raises TimeoutError after ``timeout`` seconds."""
        until, pause_s = _until(timeout), _FIRST_LOOK_S
        while True:
            status = self.status()
            if _ended(status):
                return status
            time.sleep(_pause(pause_s, until, self.id))
            pause_s = min(2 * pause_s, _LONGEST_LOOK_S)

    async def wait_async(self, timeout: float | None = None) -> Json:
        """As ``wait``."""
        until, pause_s = _until(timeout), _FIRST_LOOK_S
        while True:
            status = await self._backend.send_async("GET", self._path)
            if _ended(status):
                return status
            await asyncio.sleep(_pause(pause_s, until, self.id))
            pause_s = min(2 * pause_s, _LONGEST_LOOK_S)

    def results(self) -> Generator[BatchResult, None, None]:
        """Each brief's result as it comes, until the job has ended; a broken connection is resumed behind the last."""
        stream = self._backend.stream("GET", self._path + "/results", None, "done")
        try:
            for event in stream:
                if event.kind == "result":
                    yield BatchResult.of(event.data)
        finally:
            stream.close()

    async def results_async(self) -> AsyncGenerator[BatchResult, None]:
        """As ``results``."""
        stream = self._backend.stream_async("GET", self._path + "/results", None, "done")
        try:
            async for event in stream:
                if event.kind == "result":
                    yield BatchResult.of(event.data)
        finally:
            await stream.aclose()

    def cancel(self) -> Json:
        """Ends the job; what it has found stays."""
        return self._backend.send("DELETE", self._path)


class Client(Perfumer):
    """Asks a server over HTTP. Busy servers (429, 503) are asked again when they say, up to ``attempts`` times.

    api_key: sent as a bearer token. timeout: seconds without a byte before a connection counts as broken. verify: False, or an
    ssl.SSLContext, for certificates that are not publicly known. Needs the extra ``odordiff[client]``.
    """

    def __init__(
        self, url: str, *, api_key: str | None = None, timeout: float = 130, attempts: int = 5, verify: Any = True
    ) -> None:
        try:
            from ._http import HttpBackend
        except ImportError as error:
            raise Unavailable("httpx is not installed: pip install 'odordiff[client]'") from error
        self._http = HttpBackend(url, api_key, timeout, attempts, verify)
        super().__init__(self._http)

    def submit_batch(
        self,
        briefs: Sequence[str],
        num_molecules: int = 5,
        *,
        priority: int | None = None,
        expires_after_seconds: float | None = None,
        webhook: str | None = None,
        idempotency_key: str | None = None,
        **options: Unpack[GenerateOptions],
    ) -> BatchJob:
        """Hands in up to 1,000 briefs with options for all of them. priority: 0 to 10, 10 first.

        A key is made up where none is given, so that a repeated request makes no second job.
        """
        body = _batch_body(briefs, num_molecules, priority, expires_after_seconds, webhook, options)
        key = {"Idempotency-Key": idempotency_key or str(uuid.uuid4())}
        return BatchJob(self._http, str(self._http.send("POST", "/v1/batches", json=body, headers=key)["id"]))

    async def submit_batch_async(
        self,
        briefs: Sequence[str],
        num_molecules: int = 5,
        *,
        priority: int | None = None,
        expires_after_seconds: float | None = None,
        webhook: str | None = None,
        idempotency_key: str | None = None,
        **options: Unpack[GenerateOptions],
    ) -> BatchJob:
        """As ``submit_batch``."""
        body = _batch_body(briefs, num_molecules, priority, expires_after_seconds, webhook, options)
        key = {"Idempotency-Key": idempotency_key or str(uuid.uuid4())}
        answer = await self._http.send_async("POST", "/v1/batches", json=body, headers=key)
        return BatchJob(self._http, str(answer["id"]))

    def job(self, id: str) -> BatchJob:
        """A job that was handed in before."""
        return BatchJob(self._http, id)

    async def aclose(self) -> None:
        """As ``close``, in an event loop."""
        await self._http.aclose()


def _batch_body(
    briefs: Sequence[str],
    num_molecules: int,
    priority: int | None,
    expires_after_seconds: float | None,
    webhook: str | None,
    options: GenerateOptions,
) -> Json:
    body = generate_body("", whole("num_molecules", num_molecules, "/count"), None, None, **options)
    body.update(briefs=list(briefs), priority=priority, expires_after_seconds=expires_after_seconds, webhook=webhook)
    return {name: value for name, value in body.items() if value is not None}


def _ended(status: Json) -> bool:
    return status["status"] not in _OPEN


def _until(timeout: float | None) -> float | None:
    return None if timeout is None else time.monotonic() + timeout


def _pause(pause_s: float, until: float | None, job: str) -> float:
    left = pause_s if until is None else until - time.monotonic()
    if left <= 0:
        raise TimeoutError(f"the job {job} has not ended yet")
    return min(pause_s, left)
