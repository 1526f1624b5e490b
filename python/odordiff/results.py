"""Answers as objects. Each keeps the JSON it was made of (``raw``; docs/cli.md and docs/safety.md list its members), and every
number is one that the engine computed."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import _native
from ._backend import Json
from .errors import Unavailable

if TYPE_CHECKING:
    import pandas
    from rdkit import Chem


@dataclass(frozen=True)
class ModelIdentity:
    """What exactly makes an answer. Two engines of the same digest give the same answer to the same request.

    digest: of the model's files, the tables of safety and synthesis, the precision, the backend and the program's version.
    """

    name: str
    version: str
    precision: str
    backend: str
    digest: str


@dataclass(frozen=True)
class OdorProfile:
    """How a molecule is predicted to smell.

    intensity and sillage: 0 to 10. longevity_hours: hours on the blotter. descriptors: the most probable ones with their
    probability. character: all of it in a sentence.
    """

    primary_notes: list[str]
    secondary_notes: list[str]
    intensity: float
    longevity_hours: float
    sillage: float
    character: str
    descriptors: dict[str, float]

    @property
    def longevity(self) -> float:
        """``longevity_hours``."""
        return self.longevity_hours

    def __str__(self) -> str:
        return self.character


@dataclass(frozen=True)
class _Drawn:
    raw: Json

    @property
    def smiles(self) -> str:
        """Canonical."""
        return str(self.raw["smiles"])

    def to_rdkit(self) -> Chem.Mol:
        """An ``rdkit.Chem.Mol``. Raises Unavailable without the extra ``odordiff[rdkit]``."""
        try:
            from rdkit import Chem
        except ImportError as error:
            raise Unavailable("rdkit is not installed: pip install 'odordiff[rdkit]'") from error
        return Chem.MolFromSmiles(self.smiles)

    def to_dict(self) -> Json:
        """The engine's JSON."""
        return dict(self.raw)

    def _repr_svg_(self) -> str:
        return _native.draw(self.smiles)


@dataclass(frozen=True)
class Descent:
    """The known odorant that a molecule is a variation of; 1 - similarity (Tanimoto) is how far the two differ."""

    smiles: str
    similarity: float


@dataclass(frozen=True)
class Molecule(_Drawn):
    """A molecule with all that was predicted of it. Attributes that are not listed here stand in ``raw``."""

    def __hash__(self) -> int:
        return hash(self.smiles)

    def __getattr__(self, name: str) -> Any:
        raw: Mapping[str, Any] = object.__getattribute__(self, "raw")
        try:
            return raw[name]
        except KeyError:
            raise AttributeError(f"a molecule has no {name!r}; it has {', '.join(raw)}") from None

    @property
    def rank(self) -> int:
        """Its place in the engine's answer, from 1; 0 for a molecule that was given."""
        return int(self.raw.get("rank", 0))

    @property
    def confidence(self) -> float:
        """What lists are ordered by, 0 to 1 (``score``)."""
        return float(self.raw["score"])

    @property
    def match(self) -> float:
        """Agreement of the predicted smell with the brief, 0 to 1; 0 without a brief."""
        return float(self.raw["match"])

    @property
    def safety_score(self) -> float | None:
        """0 (forbidden) to 1 (nothing found); None outside the models' domain."""
        score = self.raw["safety"]["score"]
        return None if score is None else float(score)

    @property
    def safety(self) -> Json:
        """What was found, in short; ``full_safety_assessment`` has the evidence."""
        found: Json = self.raw["safety"]
        return found

    @property
    def synth_score(self) -> float:
        """(10 - SA score) / 9, so that 1 is easy to make."""
        return float(self.raw["synthesizability"])

    @property
    def descends_from(self) -> Descent | None:
        """The known odorant that it is a variation of; None for one that was made from nothing, or given."""
        found = self.raw.get("descends_from")
        return None if found is None else Descent(str(found["smiles"]), float(found["similarity"]))

    @property
    def estimated_cost(self) -> float | None:
        """US dollars a kilogram: the geometric middle of the estimate. None where no route was found."""
        interval = self.raw["makeability"]["usd_per_kg"]
        return None if interval is None else round(math.sqrt(interval[0] * interval[1]), 2)

    @property
    def odor_profile(self) -> OdorProfile:
        """The predicted smell."""
        raw = self.raw
        return OdorProfile(raw["primary_notes"], raw["secondary_notes"], raw["intensity"], raw["longevity_hours"],
                           raw["sillage"], raw["character"], {d["name"]: d["probability"] for d in raw["odor"]})

    @property
    def properties(self) -> dict[str, float]:
        """Molecular weight (g/mol), logp, tpsa (Å²) and the like."""
        values: dict[str, float] = self.raw["properties"]
        return values

    @property
    def warnings(self) -> list[str]:
        """Why an estimate means little, or the molecule is doubtful."""
        return list(self.raw["warnings"])

    def __repr__(self) -> str:
        return f"Molecule({self.smiles!r}, confidence={self.confidence}, safety_score={self.safety_score})"


class MoleculeList(list[Molecule]):
    """Molecules, best first, with what is said of the answer as a whole."""

    def __init__(self, molecules: Iterable[Molecule], answer: Json) -> None:
        super().__init__(molecules)
        self.answer = answer  #: the JSON beside the molecules: brief, seed, model, weights, stop, tally

    @property
    def note(self) -> str:
        """A sentence when fewer came than asked for, or nothing was understood; else empty."""
        return str(self.answer.get("note", ""))

    @property
    def seed(self) -> int:
        """The same request with the same seed and model gives the same answer."""
        return int(self.answer["seed"])

    @property
    def model(self) -> str:
        """The model's name; ``answer["model"]`` also has its version and the digest of all that made the answer."""
        return str(self.answer["model"]["name"])

    def to_dataframe(self) -> pandas.DataFrame:
        """One row a molecule. Raises Unavailable without the extra ``odordiff[pandas]``."""
        try:
            import pandas
        except ImportError as error:
            raise Unavailable("pandas is not installed: pip install 'odordiff[pandas]'") from error
        return pandas.DataFrame([_row(molecule) for molecule in self], columns=_COLUMNS)

    def _repr_html_(self) -> str:
        head = "<tr><th></th><th>SMILES</th><th>smell</th><th>confidence</th><th>safety</th><th>synthesis</th></tr>"
        rows = "".join(
            f"<tr><td>{_native.draw(m.smiles, 160, 110)}</td><td><code>{html.escape(m.smiles)}</code></td>"
            f"<td>{html.escape(m.odor_profile.character)}</td><td>{m.confidence}</td>"
            f"<td>{'outside the domain' if m.safety_score is None else m.safety_score}</td><td>{m.synth_score}</td></tr>"
            for m in self)
        note = f"<p>{html.escape(self.note)}</p>" if self.note else ""
        return f"<table>{head}{rows}</table>{note}"


_COLUMNS = ["smiles", "confidence", "match", "safety_score", "synth_score", "estimated_cost", "note", "primary_notes",
            "secondary_notes", "intensity", "longevity_hours", "sillage", "character", "boiling_point_c",
            "vapor_pressure_pa", "novelty", "inchikey", "formula", "molecular_weight", "logp", "tpsa"]


def _row(m: Molecule) -> list[object]:
    values = {**m.raw, **m.properties, "confidence": m.confidence, "safety_score": m.safety_score,
              "synth_score": m.synth_score, "estimated_cost": m.estimated_cost,
              "primary_notes": ", ".join(m.raw["primary_notes"]), "secondary_notes": ", ".join(m.raw["secondary_notes"])}
    return [values[name] for name in _COLUMNS]


@dataclass(frozen=True)
class SafetyAssessment(_Drawn):
    """What is known or estimated of a molecule's safety; docs/safety.md says what may not be concluded from it."""

    @property
    def decision(self) -> str:
        """"accepted", "excluded", "out of domain" or "forbidden"."""
        return str(self.raw["decision"])

    @property
    def score(self) -> float | None:
        """0 (forbidden) to 1 (nothing found); None outside the models' domain."""
        score = self.raw["score"]
        return None if score is None else float(score)

    @property
    def forbidden(self) -> bool:
        """Whether it is refused everywhere: a weapon, an explosive, a scheduled drug or a precursor of no other use."""
        return bool(self.raw["forbidden"])

    @property
    def never_proposed(self) -> bool:
        """Whether no request returns it: forbidden, or a controlled precursor, which may be a material of your own."""
        return bool(self.raw["never_proposed"])

    @property
    def note(self) -> str:
        """The list that a controlled precursor stands on, in a sentence; else empty."""
        return str(self.raw.get("note", ""))

    @property
    def findings(self) -> list[Json]:
        """Gravest first: id, category, severity, effect, name, reason, source, atoms."""
        return list(self.raw["findings"])

    @property
    def regions(self) -> dict[str, Json]:
        """EU, US, IFRA: verdict, reasons, limits_percent."""
        return dict(self.raw["regions"])

    @property
    def assays(self) -> dict[str, float] | None:
        """Probability of being active, by Tox21 assay; None outside the domain."""
        assays = self.raw["tox21"]
        return None if assays is None else dict(assays)


@dataclass(frozen=True)
class Description(_Drawn):
    """The predicted smell of a given molecule, as it comes cheaply for many."""

    @property
    def odorous(self) -> float:
        """Probability of being an odorant."""
        return float(self.raw["odorous"])

    @property
    def descriptors(self) -> dict[str, float]:
        """Probabilities, greatest first."""
        return dict(self.raw["descriptors"])

    @property
    def character(self) -> str:
        """In a sentence."""
        return str(self.raw["character"])


@dataclass(frozen=True)
class Reading:
    """How a brief was understood."""

    raw: Json

    @property
    def understood(self) -> bool:
        """False: nothing in it could be read as a smell."""
        return bool(self.raw["understood"])

    @property
    def weights(self) -> dict[str, float]:
        """Descriptors asked for (above 0) or against (below), strongest first."""
        return dict(self.raw["weights"])

    @property
    def terms(self) -> list[Json]:
        """The words that count, in order: text, begin, end, source, emphasis, negated, descriptors."""
        return list(self.raw["terms"])


@dataclass(frozen=True)
class Material(_Drawn):
    """A material that can be smelled, for comparison."""

    @property
    def name(self) -> str:
        """Common name."""
        return str(self.raw["name"])

    @property
    def distance(self) -> float:
        """0: smells alike."""
        return float(self.raw["distance"])


@dataclass(frozen=True)
class Route:
    """A way to make a molecule of what can be bought; ``raw["target"]`` is the tree of steps (docs/synthesis.md)."""

    raw: Json

    @property
    def steps(self) -> int:
        """Reactions in all."""
        return int(self.raw["steps"])

    @property
    def usd_per_kg(self) -> tuple[float, float]:
        """From and to."""
        return self.raw["usd_per_kg"]["low"], self.raw["usd_per_kg"]["high"]

    @property
    def reaction(self) -> str | None:
        """The last reaction; None where the molecule can be bought."""
        made = self.raw["target"].get("made_by")
        return None if made is None else str(made["reaction"])


@dataclass(frozen=True)
class Ingredient:
    """One line of a formula. note: "top", "heart", "base" or "solvent"."""

    note: str
    parts_per_thousand: float
    limited_by: str
    molecule: Molecule


@dataclass(frozen=True)
class Fragrance:
    """A formula in parts per thousand, and how its smell changes (``raw["evaporation"]``; docs/fragrance-design.md)."""

    raw: Json

    @property
    def formula(self) -> list[Ingredient]:
        """Top, heart, base, then the solvent."""
        return [Ingredient(line["note"], line["parts_per_thousand"], line.get("limited_by") or "", Molecule(line["molecule"]))
                for line in self.raw["formula"]]

    @property
    def remarks(self) -> list[str]:
        """What was dropped, capped or diluted, in sentences."""
        return list(self.raw["remarks"])
