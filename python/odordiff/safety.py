"""What a caller wants kept out for the sake of safety, in terms of what the engine computes (docs/python.md, docs/safety.md)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from .results import Molecule

#: Structural alerts of these categories count as irritant: they are about skin and light on skin.
IRRITANT_CATEGORIES = frozenset({"skin_sensitisation", "phototoxicity"})
_MOST = 100
_MARGIN = 6  # molecules asked for, for each one wanted, where some will be left out here


@dataclass(frozen=True)
class SafetyFilter:
    """Which molecules are left out.

    toxicity_threshold: the most that may speak against a molecule, 0 to 1: 1 minus the engine's safety score, which weighs
        structural alerts, lists of law and trade, twelve toxicity assays and likeness to known toxins. 0.5 is what the engine
        does by itself.
    irritant_check: also leave out every molecule with a structural alert for skin sensitisation or phototoxicity, however
        slight. Six times as many molecules are designed to choose from, at most 100; fewer than wanted may remain.

    What the engine forbids never comes back, whatever stands here.
    """

    toxicity_threshold: float = 0.5
    irritant_check: bool = False

    def passes(self, molecule: Molecule) -> bool:
        """What the engine's own filter does not look at."""
        if not self.irritant_check:
            return True
        return not any(f["category"] in IRRITANT_CATEGORIES and f["severity"] != "information"
                       for f in molecule.safety["findings"])


@dataclass
class Picker:
    """The best ``wanted`` molecules that pass, each as soon as it is sure to be among them."""

    filter: SafetyFilter
    wanted: int
    _passed: dict[int, Molecule] = field(default_factory=dict)
    _failed: set[int] = field(default_factory=set)
    _given: set[int] = field(default_factory=set)

    @property
    def asked(self) -> int:
        """How many the engine is asked for, so that enough remain."""
        return min(_MOST, _MARGIN * self.wanted) if self.filter.irritant_check else self.wanted

    def add(self, molecule: Molecule) -> list[Molecule]:
        """Takes one of the answer's molecules, in any order; gives those that are sure now."""
        if self.filter.passes(molecule):
            self._passed[molecule.rank] = molecule
        else:
            self._failed.add(molecule.rank)
        return self._take(rank for rank in sorted(self._passed) if self._better(rank) < self.wanted)

    def rest(self) -> list[Molecule]:
        """What is left once all molecules were added."""
        return self._take(sorted(self._passed)[: self.wanted])

    def chosen(self) -> list[Molecule]:
        """All that were given, best first."""
        return [self._passed[rank] for rank in sorted(self._given)]

    def _better(self, rank: int) -> int:
        """How many better ones may yet pass."""
        return rank - 1 - sum(failed < rank for failed in self._failed)

    def _take(self, ranks: Iterable[int]) -> list[Molecule]:
        new = [rank for rank in ranks if rank not in self._given]
        self._given.update(new)
        return [self._passed[rank] for rank in new]
