"""The tasks. Bodies are those of the API over HTTP (docs/server.md), and what is wrong with them the engine says: such a task has
failed, and is not tried again."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from celery import Celery, Task
from celery.exceptions import Reject
from kombu.exceptions import OperationalError

from ..errors import InvalidInput, OtherModel, Overloaded, Unavailable
from . import batch, quarantine
from .models import engine_for
from .once import once
from .patience import AWAY

#: Of the messages that these tasks understand; a message may name its own in the header `odordiff`.
CONTRACT = 1
_MOST_RETRIES = 5


def ask(task: Task, operation: str, body: Any) -> Any:
    """The answer to a body of the engine that the task asks for."""
    return json.loads(engine_for(task).ask_text(operation, json.dumps(body)))


class EngineTask(Task):
    """What is busy or not there may pass, so it is tried again: after a second, two, four and so on, with jitter."""

    abstract = True
    Request = "odordiff._celery.request:Request"
    autoretry_for = (Overloaded, Unavailable, MemoryError)
    max_retries = _MOST_RETRIES
    retry_backoff = 1
    retry_backoff_max = 60
    retry_jitter = True
    throws = (InvalidInput, OtherModel)
    resultrepr_maxsize = 1  # briefs and molecules are not logged

    def __call__(self, *args: Any, **options: Any) -> Any:
        version = self.request.get("odordiff") or CONTRACT
        if not isinstance(version, int) or version > CONTRACT:
            if not quarantine.keep(f"of version {version!r} of the contract; this worker understands {CONTRACT}",
                                   headers=dict(self.request.headers or {}), body=json.dumps([args, options], default=repr)):
                raise Reject("the quarantine cannot be reached", requeue=True)
            raise InvalidInput(f"this worker understands messages up to version {CONTRACT}, not {version!r}")
        engine_for(self)  # before the task counts as begun
        try:
            return self.run(*args, **options)  # Task.__call__ would hide the request
        except (*AWAY, OperationalError) as error:  # of what keeps results and messages: neither could be kept now
            raise Reject(error, requeue=True) from error


class ChunkTask(EngineTask):
    """A part of a batch, whose failure is the batch's."""

    abstract = True

    def on_failure(self, exc: BaseException, task_id: str, args: Any, kwargs: Any, einfo: Any) -> None:
        batch.fail(self, args[0], exc)


def register(app: Celery) -> None:
    """Makes the tasks those of this app."""
    options = {"base": EngineTask, "bind": True}

    @app.task(name="odordiff.generate", **options)
    def generate(self: Task, *, key: str | None = None, **body: Any) -> Any:
        """The answer of POST /v1/generate. Tasks with the same ``key`` share one result."""
        return once(self, key, lambda: ask(self, "generate", body))

    @app.task(name="odordiff.answer_prompt", **options)
    def answer_prompt(self: Task, prompt: str, *, key: str | None = None) -> Any:
        """The text that the server keeps as the result of a job's prompt, which it hands over as it keeps it."""
        if not isinstance(prompt, str):
            raise InvalidInput("a prompt is the text that the server keeps")
        return once(self, key, lambda: engine_for(self).ask_text("answer_prompt", prompt))

    @app.task(name="odordiff.design", **options)
    def design(self: Task, *, key: str | None = None, **body: Any) -> Any:
        """The answer of POST /v1/design."""
        return once(self, key, lambda: ask(self, "design", body))

    @app.task(name="odordiff.describe", **options)
    def describe(self: Task, smiles: str | list[str], **body: Any) -> Any:
        """The answer of POST /v1/describe; one SMILES may stand by itself."""
        return once(self, None, lambda: ask(self, "describe", {"smiles": [smiles] if isinstance(smiles, str) else smiles, **body}))

    @app.task(name="odordiff.assess", **options)
    def assess(self: Task, smiles: str | list[str], **body: Any) -> Any:
        """The answer of POST /v1/assess; one SMILES may stand by itself."""
        return once(self, None, lambda: ask(self, "assess", {"smiles": [smiles] if isinstance(smiles, str) else smiles, **body}))

    @app.task(name="odordiff.understand", **options)
    def understand(self: Task, brief: str) -> Any:
        """The answer of POST /v1/understand."""
        return once(self, None, lambda: ask(self, "understand", {"brief": brief}))

    @app.task(name="odordiff.generate_batch", **options)
    def generate_batch(self: Task, briefs: list[str], *, chunk_size: int = 10, **body: Any) -> Any:
        """A list of answers, or of {"brief", "error"}, in the order of the briefs; until then {"done", "total"} as PROGRESS."""
        if not isinstance(briefs, list) or not briefs or not isinstance(chunk_size, int) or chunk_size < 1:
            raise InvalidInput("a batch is a list of briefs, one at least, in chunks of one at least")
        ask(self, "check", {**body, "brief": "rose"})
        return batch.split(self, briefs, chunk_size, body)

    @app.task(name="odordiff.generate_chunk", base=ChunkTask, bind=True)
    def generate_chunk(self: Task, chunk: dict[str, Any]) -> Any:
        """A part of a batch."""
        return once(self, None, lambda: batch.work(self, chunk, partial(ask, self)))

