#include "safety/tox21_features.h"

#include <cmath>

#include "chem/fingerprint.h"
#include "chem/rich_descriptors.h"

namespace odordiff::safety {

Tox21Features tox21_features(const chem::Molecule& mol) {
  Tox21Features features;
  const auto counts = chem::morgan_counts(mol, 2, kTox21Bins);
  features.fingerprint.reserve(counts.size());
  for (const auto& [bin, count] : counts)
    features.fingerprint.emplace_back(bin, std::log1p(static_cast<float>(count)));
  for (const float value : chem::rich_descriptor_vector(mol)) {
    features.dense.push_back(std::copysign(std::log1p(std::abs(value)), value));
  }
  return features;
}

}  // namespace odordiff::safety
