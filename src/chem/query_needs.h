// A cheap "certainly not" before a substructure search: what a SMARTS pattern needs at least, and what a
// molecule has of it. For the files of this folder; shows RDKit's types.
#pragma once

#include <GraphMol/ROMol.h>

#include <array>
#include <cstdint>

namespace odordiff::chem {

// Counts of features, of a pattern (needed at least) or of a molecule (there).
struct FeatureCounts {
  enum Feature {
    Atoms,
    Nitrogen,
    Oxygen,
    Sulfur,
    Phosphorus,
    Chlorine,
    Bromine,
    AromaticAtoms,
    RingBonds,     // of the pattern: bonds beyond a tree, so one for each ring closure
    DoubleBonds,   // not aromatic
    CarbonDouble,  // C=C, not aromatic
    CarbonylLike,  // C=O
    TripleBonds,
    Size
  };
  std::array<std::uint8_t, Size> count{};

  // Whether a molecule with these counts may hold a pattern that needs `needed`.
  bool cover(const FeatureCounts& needed) const {
    for (std::size_t i = 0; i < count.size(); ++i) {
      if (count[i] < needed.count[i]) return false;
    }
    return true;
  }
};

// What every match of `query` must have; features that the pattern leaves open are not counted.
FeatureCounts needs_of(const RDKit::ROMol& query);
// Of a sanitised molecule.
FeatureCounts features_of(const RDKit::ROMol& mol);

}  // namespace odordiff::chem
