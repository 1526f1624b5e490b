"""Which engine answers a task: the worker's own, or the one that the message asks for in the header ``odordiff_model``.

The header has the digest of a model's identity, and the precision that it includes: {"digest", "precision"}. A worker of another
precision loads the model once more where that gives the digest; a worker of another model, program or tables refuses the task with
``OtherModel``, and its sender may send it again.
"""

from __future__ import annotations

import functools
import os
from typing import Any

from celery import Task

from .. import _native
from .._engine import model_folder
from ..errors import InvalidInput, OtherModel
from ..model import OdorDiffusion

HEADER = "odordiff_model"
_PRECISIONS = ("fp32", "bf16", "int8")


@functools.cache
def engine(precision: str = "fp32") -> OdorDiffusion:
    """The engine of this process, loaded when it is first used."""
    return OdorDiffusion.from_pretrained(precision=precision, threads=int(os.environ.get("ODORDIFF_WORKER_THREADS", 1)))


def engine_for(task: Task) -> OdorDiffusion:
    """The engine that the message asks for. Raises OtherModel where it cannot be had here, InvalidInput where the header is wrong."""
    wanted = task.request.get(HEADER)
    if wanted is None:
        return engine()
    if not isinstance(wanted, dict) or not isinstance(wanted.get("digest"), str) or wanted.get("precision") not in _PRECISIONS:
        raise InvalidInput(f'the header {HEADER} is {{"digest": text, "precision": "fp32", "bf16" or "int8"}}, not {wanted!r:.80}')
    return _engine_of(wanted["digest"], wanted["precision"])


@functools.lru_cache(maxsize=64)
def _engine_of(digest: str, precision: str) -> OdorDiffusion:
    here = _native.identity(os.fspath(model_folder()), precision)
    if here["digest"] == digest:
        return engine(precision)
    raise OtherModel(f"the task is for the model {digest}; this worker has {here['name']} {here['version']}, {here['digest']}")
