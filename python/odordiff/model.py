"""``OdorDiffusion``: the engine in this process."""

from __future__ import annotations

import os

from ._engine import LocalEngine, model_folder
from .results import ModelIdentity
from .perfumer import Perfumer


class OdorDiffusion(Perfumer):
    """A model that works in this process, on the CPU. Safe to use from many threads, which then share its batches.

    It is loaded when first needed (or by ``load``), and again in a process that was forked from this one.
    """

    def __init__(self, engine: LocalEngine) -> None:
        super().__init__(engine)
        self._engine = engine

    @classmethod
    def from_pretrained(
        cls,
        name_or_folder: str | os.PathLike[str] | None = None,
        *,
        precision: str = "fp32",
        threads: int = 0,
    ) -> OdorDiffusion:
        """The model of a folder; by default the one that ODORDIFF_MODEL names, else the one in this package ("odordiff2").

        precision: "fp32", "bf16" or "int8". threads: 0 for one a core. Raises Unavailable where there is no model.
        """
        return cls(LocalEngine(model_folder(name_or_folder), precision, threads))

    def load(self) -> OdorDiffusion:
        """Loads the model now."""
        self._engine.native()
        return self

    @property
    def identity(self) -> ModelIdentity:
        """What exactly makes the answers."""
        return ModelIdentity(**self._engine.native().identity)

    @property
    def model_name(self) -> str:
        """As answers name it."""
        return self.identity.name

    def ask_text(self, operation: str, body: str) -> str:
        """JSON in, the engine's JSON out, for programs that pass it on (``odordiff._native.operations()`` has the names)."""
        return self._engine.ask_text(operation, body)
