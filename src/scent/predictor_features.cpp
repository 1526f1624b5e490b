#include "scent/predictor_features.h"

#include <cmath>

#include "chem/descriptors.h"
#include "chem/fingerprint.h"

namespace odordiff::scent {
namespace {

PredictorFeatures assemble(const chem::SparseCounts& counts, const chem::Molecule& mol) {
  PredictorFeatures features;
  features.fingerprint.reserve(counts.size());
  for (const auto& [bin, count] : counts) {
    features.fingerprint.emplace_back(bin, std::log1p(static_cast<float>(count)));
  }
  const auto dense = chem::descriptor_vector(mol);
  features.dense.assign(dense.begin(), dense.end());
  return features;
}

}  // namespace

PredictorFeatures ranker_features(const chem::Molecule& mol) {
  return assemble(chem::morgan_counts(mol, 2, kFingerprintBins), mol);
}

PredictorFeatures judge_features(const chem::Molecule& mol) {
  return assemble(chem::atom_pair_torsion_counts(mol, kFingerprintBins), mol);
}

}  // namespace odordiff::scent
