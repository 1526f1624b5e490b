"""What can be asked, alike of the engine in this process (``OdorDiffusion``) and of a server (``Client``)."""

from __future__ import annotations

from typing import Any, TypedDict, Unpack, overload


from ._backend import Backend, Json
from ._requests import MoleculeLike, Range, finite, generate_body, range_json, smiles_of, whole
from .errors import InvalidInput
from .results import Description, Fragrance, Material, Molecule, MoleculeList, OdorProfile, Reading, Route, SafetyAssessment
from .safety import Picker, SafetyFilter
from .stream import MoleculeStream


class GenerateOptions(TypedDict, total=False):
    """The options of ``generate`` and its relatives, named as in POST /v1/generate; bounds stand in docs/server.md.

    seed: 0 or more; the same request with the same seed and model gives the same answer. like: vary this molecule.
    keep: this fragment stands, the rest is designed anew. guidance: 0 to 10, how strictly the brief is followed.
    temperature: 0.1 to 2, how adventurous. steps: 1 to 4. effort: 0.5 to 50, times the usual number of samples.
    allow_known: also what the model was taught. budget_seconds: a shorter list comes when this is spent. min_odorous: least
    probability of being an odorant. safety_threshold: least safety score, instead of a filter. Ranges (low, high), inclusive:
    molecular_weight in g/mol, logp, tpsa in Å², sa_score 1 to 10, similarity 0 to 1 to ``like``.
    """

    seed: int
    like: MoleculeLike
    keep: MoleculeLike
    guidance: float
    temperature: float
    steps: int
    effort: float
    allow_known: bool
    budget_seconds: float
    min_odorous: float
    safety_threshold: float
    molecular_weight: Range
    logp: Range
    tpsa: Range
    sa_score: Range
    similarity: Range


class Perfumer:
    """Every method raises OdorDiffError of the kinds in ``odordiff.errors``."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def generate(
        self,
        brief: str = "",
        num_molecules: int = 5,
        *,
        safety_filter: SafetyFilter | None = None,
        synthesizability_min: float | None = None,
        **options: Unpack[GenerateOptions],
    ) -> MoleculeList:
        """New molecules for a brief in English, best first. The brief may be empty beside ``like`` or ``keep``.

        synthesizability_min: least ``Molecule.synth_score``.
        """
        picker = _picker(num_molecules, safety_filter)
        body = generate_body(brief, picker.asked, safety_filter, synthesizability_min, **options)
        return _chosen(picker, self._backend.ask("generate", body))

    async def generate_async(
        self,
        brief: str = "",
        num_molecules: int = 5,
        *,
        safety_filter: SafetyFilter | None = None,
        synthesizability_min: float | None = None,
        **options: Unpack[GenerateOptions],
    ) -> MoleculeList:
        """As ``generate``, for an event loop; cancelling the task ends the work."""
        picker = _picker(num_molecules, safety_filter)
        body = generate_body(brief, picker.asked, safety_filter, synthesizability_min, **options)
        return _chosen(picker, await self._backend.ask_async("generate", body))

    def stream(
        self,
        brief: str = "",
        num_molecules: int = 5,
        *,
        safety_filter: SafetyFilter | None = None,
        synthesizability_min: float | None = None,
        **options: Unpack[GenerateOptions],
    ) -> MoleculeStream:
        """The molecules of ``generate``, each as soon as it has passed its filters: ``for`` or ``async for``."""
        picker = _picker(num_molecules, safety_filter)
        body = generate_body(brief, picker.asked, safety_filter, synthesizability_min, **options)
        return MoleculeStream(self._backend, body, picker)

    def design_fragrance(
        self,
        top_notes: str = "",
        heart_notes: str = "",
        base_notes: str = "",
        style: str = "",
        *,
        category: str | None = None,
        per_note: int | None = None,
        seed: int | None = None,
        dosage_percent: float | None = None,
        solvent: bool | None = None,
        molecular_weight: Range | None = None,
        allow_known: bool | None = None,
    ) -> Fragrance:
        """A whole formula from words for its notes, of which one at least is needed (docs/fragrance-design.md)."""
        return Fragrance(self._backend.ask("design", _given(
            top=top_notes or None, heart=heart_notes or None, base=base_notes or None, style=style or None,
            category=category, per_note=per_note, seed=seed, dosage_percent=dosage_percent, solvent=solvent,
            molecular_weight=range_json("molecular_weight", molecular_weight), allow_known=allow_known)))

    def assess(self, molecule: MoleculeLike) -> Molecule:
        """A given molecule judged the way generated ones are, without a brief."""
        return Molecule(self._backend.ask("judge", {"smiles": smiles_of(molecule)}))

    def predict_odor_profile(self, molecule: MoleculeLike) -> OdorProfile:
        """How a molecule is predicted to smell."""
        return self.assess(molecule).odor_profile

    def full_safety_assessment(
        self, molecule: MoleculeLike, *, region: str | None = None, threshold: float | None = None
    ) -> SafetyAssessment:
        """Everything known or estimated of its safety, with reasons. region: "all", "EU", "US" or "IFRA"."""
        body = _given(smiles=[smiles_of(molecule)], region=region, threshold=threshold)
        return SafetyAssessment(_readable(self._backend.ask("assess", body)["molecules"])[0])

    def suggest_synthesis_routes(
        self, molecule: MoleculeLike, *, max_steps: int | None = None, count: int | None = None
    ) -> list[Route]:
        """Ways to make it in at most ``max_steps`` (1 to 3) reactions, the cheapest first; empty where none was found."""
        body = _given(smiles=smiles_of(molecule), max_steps=max_steps, count=count)
        return [Route(route) for route in self._backend.ask("routes", body)["routes"]]

    @overload
    def describe(self, molecules: MoleculeLike, *, all_descriptors: bool = False) -> Description: ...
    @overload
    def describe(self, molecules: list[MoleculeLike], *, all_descriptors: bool = False) -> list[Description]: ...
    def describe(
        self, molecules: MoleculeLike | list[MoleculeLike], *, all_descriptors: bool = False
    ) -> Description | list[Description]:
        """The predicted smell of one molecule, or cheaply of a list of up to a hundred: 8 descriptors of each, or all 138."""
        many = isinstance(molecules, list)
        smiles = [smiles_of(m) for m in molecules] if isinstance(molecules, list) else [smiles_of(molecules)]
        answer = self._backend.ask("describe", _given(smiles=smiles, all=all_descriptors or None))
        found = [Description(raw) for raw in _readable(answer["molecules"])]
        return found if many else found[0]

    def understand(self, brief: str) -> Reading:
        """How a brief is read."""
        return Reading(self._backend.ask("understand", {"brief": brief}))

    def nearest(self, brief: str = "", *, molecule: MoleculeLike | None = None, count: int = 10) -> list[Material]:
        """Materials that smell like a brief, or like a molecule, nearest first."""
        body = _given(brief=brief or None, smiles=None if molecule is None else smiles_of(molecule), count=count)
        return [Material(raw) for raw in self._backend.ask("nearest", body)["materials"]]

    def close(self) -> None:
        """Gives back what is held: the engine's memory, or connections."""
        self._backend.close()


def _picker(wanted: int, safety: SafetyFilter | None) -> Picker:
    return Picker(safety or SafetyFilter(), whole("num_molecules", wanted, "/count"))


def _chosen(picker: Picker, answer: Json) -> MoleculeList:
    for raw in answer.pop("molecules"):
        picker.add(Molecule(raw))
    picker.rest()
    return MoleculeList(picker.chosen(), answer)


def _given(**members: Any) -> Json:
    return {name: finite(name, value) for name, value in members.items() if value is not None}


def _readable(molecules: list[Json]) -> list[Json]:
    for number, raw in enumerate(molecules):
        if "error" in raw:
            raise InvalidInput(str(raw["error"]), [(f"/smiles/{number}", str(raw["error"]))])
    return molecules
