// What the odor predictors see of a molecule. Training and inference share this file, so that they cannot
// drift apart.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "chem/molecule.h"

namespace odordiff::scent {

inline constexpr std::uint32_t kFingerprintBins = 2048;

struct PredictorFeatures {
  std::vector<std::pair<std::uint32_t, float>> fingerprint;  // (bin, log(1 + count)), by bin
  std::vector<float> dense;                                  // whole-molecule descriptors, unscaled
};

// Morgan counts (radius 2) in the first kFingerprintBins bins, atom pairs and torsions in the next as many,
// and wide descriptors as sign(x) log(1 + |x|): the ranker's view.
PredictorFeatures ranker_features(const chem::Molecule& mol);
// ranker_features(mol) without the fingerprints that one atom takes part in, one for each atom, in atom
// order; the descriptors are the whole molecule's.
std::vector<PredictorFeatures> ranker_features_without_each_atom(const chem::Molecule& mol);
// Atom pairs and topological torsions, and plain descriptors: the judge's view.
PredictorFeatures judge_features(const chem::Molecule& mol);

}  // namespace odordiff::scent
