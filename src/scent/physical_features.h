// What the models of physical properties see of a molecule. Training and inference share this file, so that
// they cannot drift apart.
#pragma once

#include <vector>

#include "chem/fingerprint.h"
#include "chem/molecule.h"

namespace odordiff::scent {

inline constexpr std::size_t kPhysicalDense = 40;
inline constexpr std::uint32_t kPhysicalBins = 4096;

struct PhysicalFeatures {
  // [kPhysicalDense], sign(x) log(1 + |x|) of descriptors and element counts.
  std::vector<float> dense;
  // Morgan counts of radius 1: atoms with their neighbours, the groups of a group contribution.
  chem::SparseCounts groups;
  float group_total = 0;  // sum of their counts
  // heavy atoms^0.6587 + 1.6902: what group contributions to a boiling point are divided by (Nannoolal et
  // al., Fluid Phase Equilib. 226 (2004) 45).
  float size = 0;
};

PhysicalFeatures physical_features(const chem::Molecule& mol);

}  // namespace odordiff::scent
