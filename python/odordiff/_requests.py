"""Keyword arguments into the JSON that the engine and the server read; they check it, and say what is wrong."""

from __future__ import annotations

import math
import numbers
from typing import TYPE_CHECKING, Any, Union

from ._backend import Json
from .errors import InvalidInput
from .safety import SafetyFilter

if TYPE_CHECKING:
    from rdkit import Chem

#: A SMILES, or an ``rdkit.Chem.Mol``.
MoleculeLike = Union[str, "Chem.Mol"]
#: Low and high, inclusive; None leaves that side open.
Range = tuple[float | None, float | None]


def smiles_of(molecule: MoleculeLike) -> str:
    """The SMILES of either. Raises InvalidInput for anything else."""
    if isinstance(molecule, str):
        return molecule
    try:
        from rdkit import Chem

        if isinstance(molecule, Chem.Mol):
            return str(Chem.MolToSmiles(molecule))
    except ImportError:
        pass
    raise InvalidInput(f"a molecule is a SMILES or an rdkit.Chem.Mol, not {type(molecule).__name__}")


def whole(name: str, value: Any, pointer: str) -> int:
    """A whole number, also one that is written 2.0. Raises InvalidInput, for this member of the body, for anything else."""
    if isinstance(value, numbers.Real) and not isinstance(value, bool) and float(value).is_integer():
        return int(float(value))
    fault = f"{name} is a whole number, not {value!r}"
    raise InvalidInput(fault, [(pointer, fault)])


def finite(name: str, value: Any) -> Any:
    """The value. Raises InvalidInput for numbers that JSON has no words for."""
    if isinstance(value, float) and not math.isfinite(value):
        raise InvalidInput(f"{name} is a finite number, not {value!r}")
    return value


def range_json(name: str, value: Range | None) -> Json | None:
    """``{"min", "max"}``; None where neither is given. Raises InvalidInput for what is no pair."""
    if value is None:
        return None
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise InvalidInput(f"{name} is a pair (low, high), of which either may be None, not {value!r}")
    return {side: finite(name, end) for side, end in zip(("min", "max"), value, strict=True) if end is not None} or None


def generate_body(
    brief: str,
    count: int,
    safety: SafetyFilter | None,
    synthesizability_min: float | None,
    *,
    like: MoleculeLike | None = None,
    keep: MoleculeLike | None = None,
    safety_threshold: float | None = None,
    molecular_weight: Range | None = None,
    logp: Range | None = None,
    tpsa: Range | None = None,
    sa_score: Range | None = None,
    similarity: Range | None = None,
    **others: Any,
) -> Json:
    """The body of POST /v1/generate."""
    finite("safety_threshold", safety_threshold)
    if safety is not None:
        if safety_threshold is not None:
            raise InvalidInput("safety_threshold stands beside safety_filter; give one of them")
        safety_threshold = least_score(safety)
    if synthesizability_min is not None:
        if not 0 <= synthesizability_min <= 1:
            raise InvalidInput(f"synthesizability_min must be 0 to 1, not {synthesizability_min}")
        low, high = sa_score or (None, None)
        most = 10 - 9 * synthesizability_min  # Molecule.synth_score, turned round
        sa_score = (low, most if high is None else min(high, most))
    return {
        "brief": brief or None,
        "count": count,
        "like": None if like is None else smiles_of(like),
        "keep": None if keep is None else smiles_of(keep),
        "safety_threshold": safety_threshold,
        "molecular_weight": range_json("molecular_weight", molecular_weight),
        "logp": range_json("logp", logp),
        "tpsa": range_json("tpsa", tpsa),
        "sa_score": range_json("sa_score", sa_score),
        "similarity": range_json("similarity", similarity),
        **{name: finite(name, value) for name, value in others.items()},
    }


def least_score(safety: SafetyFilter) -> float:
    """The engine's safety threshold that a filter means."""
    if not 0 <= safety.toxicity_threshold <= 1:
        raise InvalidInput(f"toxicity_threshold must be 0 to 1, not {safety.toxicity_threshold}")
    return round(1 - safety.toxicity_threshold, 6)
