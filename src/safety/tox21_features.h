// What the Tox21 model sees of a molecule. Training and inference share this file, so that they cannot drift
// apart.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "chem/molecule.h"

namespace odordiff::safety {

inline constexpr std::uint32_t kTox21Bins = 1024;

struct Tox21Features {
  std::vector<std::pair<std::uint32_t, float>>
      fingerprint;  // (bin, log(1 + count)) of Morgan counts, radius 2, by bin
  std::vector<float>
      dense;  // rich descriptors as sign(x) log(1 + |x|); then for each group the log of 1 + its atoms
};
Tox21Features tox21_features(const chem::Molecule& mol);

}  // namespace odordiff::safety
