"""A backend that asks a server (docs/server.md): with patience where it is busy, and again where a connection broke."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Generator
from typing import Any
from urllib.parse import quote

import httpx

from ._backend import Event, Json
from ._sse import ServerEvent, SseReader
from .errors import Cancelled, InvalidInput, OdorDiffError, Overloaded, Unavailable

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.25, 30.0
_BUSY = (429, 503)
_POST = {"generate", "design", "describe", "assess", "understand", "nearest"}


def request_of(operation: str, body: Json) -> tuple[str, str, Json | None, Json | None]:
    """Method, path, query and JSON body of an operation."""
    given = {name: value for name, value in body.items() if value is not None}
    if operation in _POST:
        return "POST", f"/v1/{operation}", None, given
    path = f"/v1/molecules/{quote(given.pop('smiles'), safe='')}"
    return "GET", path + ("/routes" if operation == "routes" else ""), given or None, None


def error_of(status: int, problem: Json, retry_after: str | None = None) -> OdorDiffError:
    """The exception that a problem document means."""
    detail = str(problem.get("detail") or f"the server answered {status}")
    if status == 429 or (status == 503 and retry_after is not None):
        return Overloaded(detail, float(retry_after) if retry_after and retry_after.isdigit() else None)
    if status in (503, 504):
        return Unavailable(detail)
    if status == 499:
        return Cancelled(detail)
    if 400 <= status < 500:
        return InvalidInput(detail, [(str(e["pointer"]), str(e["detail"])) for e in problem.get("errors", [])])
    return OdorDiffError(detail)


def _error_of_response(response: httpx.Response) -> OdorDiffError:
    try:
        problem = response.json()
    except ValueError:
        problem = {}
    return error_of(response.status_code, problem if isinstance(problem, dict) else {}, response.headers.get("retry-after"))


class _Patience:
    """Counts attempts, and says how long to wait before the next. Raises what went wrong when they are spent."""

    def __init__(self, attempts: int) -> None:
        self._left = attempts
        self._pause_s = _FIRST_PAUSE_S

    def after(self, error: OdorDiffError) -> float:
        """Seconds to wait; ``Retry-After`` is kept to, else the pause doubles, with jitter."""
        self._left -= 1
        asked = error.retry_after if isinstance(error, Overloaded) else None
        if self._left <= 0 or (asked or 0) > _LONGEST_PAUSE_S:
            raise error
        pause_s = asked if asked is not None else self._pause_s * random.uniform(0.5, 1)
        self._pause_s = min(2 * self._pause_s, _LONGEST_PAUSE_S)
        return pause_s


class HttpBackend:
    """Requests are safe to repeat: the same one gets the same answer, and batches carry an idempotency key."""

    def __init__(self, url: str, api_key: str | None, timeout_s: float, attempts: int, verify: Any) -> None:
        if not isinstance(url, str) or not url.startswith(("http://", "https://")):
            raise InvalidInput(f"url is an address with its scheme, such as http://127.0.0.1:8000, not {url!r}")
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._attempts = attempts
        self._settings: Json = {"base_url": url, "headers": headers, "timeout": httpx.Timeout(timeout_s, connect=10),
                                "verify": verify}
        self._sync = httpx.Client(**self._settings)
        self._async: dict[asyncio.AbstractEventLoop, httpx.AsyncClient] = {}

    def _async_client(self) -> httpx.AsyncClient:
        """Connections belong to the loop that made them, and go when it is closed."""
        loop = asyncio.get_running_loop()
        client = self._async.get(loop)
        if client is None:
            for other in list(self._async):
                if other.is_closed():
                    self._async.pop(other, None)
            client = self._async[loop] = httpx.AsyncClient(**self._settings)
        return client

    def close(self) -> None:
        self._sync.close()

    async def aclose(self) -> None:
        """As close(), with the connections of this event loop."""
        self.close()
        client = self._async.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.aclose()

    def send(self, method: str, path: str, **options: Any) -> Json:
        """The JSON that came."""
        patience = _Patience(self._attempts)
        while True:
            try:
                response = self._sync.request(method, path, **options)
            except httpx.TransportError as error:
                time.sleep(patience.after(_unreachable(error)))
                continue
            if response.is_success:
                answer: Json = response.json()
                return answer
            self._give_up(response)
            time.sleep(patience.after(_error_of_response(response)))

    async def send_async(self, method: str, path: str, **options: Any) -> Json:
        """As send()."""
        patience = _Patience(self._attempts)
        while True:
            try:
                response = await self._async_client().request(method, path, **options)
            except httpx.TransportError as error:
                await asyncio.sleep(patience.after(_unreachable(error)))
                continue
            if response.is_success:
                answer: Json = response.json()
                return answer
            self._give_up(response)
            await asyncio.sleep(patience.after(_error_of_response(response)))

    @staticmethod
    def _give_up(response: httpx.Response) -> None:
        if response.status_code not in _BUSY:
            raise _error_of_response(response)

    def ask(self, operation: str, body: Json) -> Json:
        method, path, query, given = request_of(operation, body)
        return self.send(method, path, params=query, json=given)

    async def ask_async(self, operation: str, body: Json) -> Json:
        method, path, query, given = request_of(operation, body)
        return await self.send_async(method, path, params=query, json=given)

    def stream(self, method: str, path: str, body: Json | None, last: str) -> Generator[ServerEvent, None, None]:
        """Events until the one of a kind in ``last``; resumed where a connection broke. An ``error`` event is raised."""
        patience, seen = _Patience(self._attempts), ""
        while True:
            try:
                with self._sync.stream(method, path, json=body, headers=_event_headers(seen)) as response:
                    if not response.is_success:
                        response.read()
                        self._give_up(response)
                        raise _again(_error_of_response(response))
                    reader = SseReader()
                    for line in response.iter_lines():
                        event = reader.feed(line)
                        if event is None:
                            continue
                        _raise_error_event(event)
                        if event.id and event.id != seen:  # it gets on
                            patience, seen = _Patience(self._attempts), event.id
                        yield event
                        if event.kind == last:
                            return
                problem: OdorDiffError = Unavailable("the stream ended before its answer")
            except httpx.TransportError as error:
                problem = _unreachable(error)
            except (Overloaded, _Resumable) as error:
                problem = error
            time.sleep(patience.after(problem))

    async def stream_async(
        self, method: str, path: str, body: Json | None, last: str
    ) -> AsyncGenerator[ServerEvent, None]:
        """As stream()."""
        patience, seen = _Patience(self._attempts), ""
        while True:
            try:
                async with self._async_client().stream(
                    method, path, json=body, headers=_event_headers(seen)
                ) as response:
                    if not response.is_success:
                        await response.aread()
                        self._give_up(response)
                        raise _again(_error_of_response(response))
                    reader = SseReader()
                    async for line in response.aiter_lines():
                        event = reader.feed(line)
                        if event is None:
                            continue
                        _raise_error_event(event)
                        if event.id and event.id != seen:  # it gets on
                            patience, seen = _Patience(self._attempts), event.id
                        yield event
                        if event.kind == last:
                            return
                problem: OdorDiffError = Unavailable("the stream ended before its answer")
            except httpx.TransportError as error:
                problem = _unreachable(error)
            except (Overloaded, _Resumable) as error:
                problem = error
            await asyncio.sleep(patience.after(problem))

    def events(self, body: Json) -> Generator[Event, None, None]:
        """An answer cannot be resumed but asked for again, as it stays the same: what was told already is left out."""
        given, told = {name: value for name, value in body.items() if value is not None}, set()
        stream = self.stream("POST", "/v1/generate", given, "answer")
        try:
            for event in stream:
                if event.kind == "molecule":
                    if event.data["rank"] in told:
                        continue
                    told.add(event.data["rank"])
                yield event.kind, event.data
        finally:
            stream.close()

    async def events_async(self, body: Json) -> AsyncGenerator[Event, None]:
        given, told = {name: value for name, value in body.items() if value is not None}, set()
        stream = self.stream_async("POST", "/v1/generate", given, "answer")
        try:
            async for event in stream:
                if event.kind == "molecule":
                    if event.data["rank"] in told:
                        continue
                    told.add(event.data["rank"])
                yield event.kind, event.data
        finally:
            await stream.aclose()


class _Resumable(Unavailable):
    """The stream can be had later: its server is not there yet, or ended it and can go on."""


def _again(busy: OdorDiffError) -> OdorDiffError:
    """The answer of a busy server instead of a stream: to be asked again."""
    return busy if isinstance(busy, Overloaded) else _Resumable(str(busy))


def _event_headers(seen: str) -> dict[str, str]:
    return {"Accept": "text/event-stream", **({"Last-Event-ID": seen} if seen else {})}


def _raise_error_event(event: ServerEvent) -> None:
    if event.kind != "error":
        return
    problem = event.data
    if "resumable" in problem:  # the server shuts down
        raise _Resumable(str(problem.get("detail", "the server ended the stream")))
    raise error_of(int(problem.get("status", 500)), problem)


def _unreachable(error: httpx.TransportError) -> Unavailable:
    return Unavailable(f"the server cannot be reached: {error or type(error).__name__}")
