"""Batches: a task that splits its briefs into chunks, each a task of its own, so that what is done survives a lost worker.

Nobody waits for the chunks. Each puts its answers into a hash in Redis and notes the progress on the batch's own result; who finds the
hash complete stores the batch's result. Every step may be repeated: chunks have fixed ids, and the first answers stay.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgpack
from celery import Task, states
from celery.backends.redis import RedisBackend
from celery.exceptions import Ignore

from ..errors import InvalidInput, OdorDiffError
from . import models
from .patience import patiently

PROGRESS = "PROGRESS"


def split(task: Task, briefs: list[str], size: int, options: dict[str, Any]) -> Any:
    """Sends the chunks; the batch's result comes from the last of them."""
    if not isinstance(task.backend, RedisBackend):
        raise InvalidInput("batches need Redis for their results (ODORDIFF_RESULT_URL)")
    parts = [briefs[start : start + size] for start in range(0, len(briefs), size)]
    progress(task, task.request.id, {"done": _done(task, task.request.id, size, len(briefs)), "total": len(briefs)})
    info = task.request.delivery_info or {}
    headers = {models.HEADER: task.request.get(models.HEADER)} if task.request.get(models.HEADER) else None
    for number, part in enumerate(parts):
        chunk = {"batch": task.request.id, "number": number, "chunks": len(parts), "size": size, "total": len(briefs),
                 "briefs": part, "options": options}
        task.app.send_task("odordiff.generate_chunk", args=[chunk], task_id=f"{task.request.id}.{number}",
                           priority=info.get("priority"), headers=headers)
    raise Ignore


def work(task: Task, chunk: dict[str, Any], ask: Callable[[str, Any], Any]) -> int:
    """Answers the chunk's briefs; how many."""
    answers = []
    for brief in chunk["briefs"]:
        try:
            answers.append(ask("generate", {**chunk["options"], "brief": brief}))
        except InvalidInput as error:
            answers.append({"brief": brief, "error": str(error)})
    batch, expiry_s = chunk["batch"], int(task.app.conf.result_expires or 86_400)
    key = _key(batch)
    patiently(lambda: task.backend.client.pipeline().hsetnx(key, chunk["number"], msgpack.packb(answers))
              .expire(key, expiry_s).execute())
    patiently(lambda: finish(task, chunk))
    return len(answers)


def finish(task: Task, chunk: dict[str, Any]) -> None:
    """Notes the progress, or the result where all chunks are there."""
    batch = chunk["batch"]
    parts = task.backend.client.hgetall(_key(batch)) if _count(task, batch) == chunk["chunks"] else {}
    if len(parts) == chunk["chunks"]:
        answers = [answer for number in range(chunk["chunks"]) for answer in msgpack.unpackb(parts[str(number).encode()])]
        task.backend.store_result(batch, answers, states.SUCCESS)
    else:
        progress(task, batch, {"done": _done(task, batch, chunk["size"], chunk["total"]), "total": chunk["total"]})


def progress(task: Task, batch: str, state: dict[str, int]) -> None:
    """On the batch's result, unless that is there already: then it stays."""
    backend = task.backend
    key = backend.get_key_for_task(batch)

    def write(pipe: Any) -> None:
        current = pipe.get(key)
        if current is not None and backend.decode(current)["status"] in states.READY_STATES:
            return
        meta: dict[str, Any] = {"task_id": batch, "status": PROGRESS, "result": state, "traceback": None, "children": [], "date_done": None}
        pipe.multi()
        pipe.set(key, backend.encode(meta), ex=int(task.app.conf.result_expires or 86_400))

    backend.client.transaction(write, key)


def _key(batch: str) -> str:
    return f"odordiff:batch:{batch}"


def _count(task: Task, batch: str) -> int:
    return int(task.backend.client.hlen(_key(batch)))


def _done(task: Task, batch: str, size: int, total: int) -> int:
    return min(total, _count(task, batch) * size)


def fail(task: Task, chunk: dict[str, Any], error: BaseException) -> None:
    """A chunk that could not be done is the end of its batch."""
    why = error if isinstance(error, Exception) else OdorDiffError(str(error))
    task.backend.mark_as_failure(chunk["batch"], why)
