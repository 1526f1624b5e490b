#include "scent/predictor_features.h"

#include <cmath>

#include "chem/descriptors.h"
#include "chem/fingerprint.h"
#include "chem/wide_descriptors.h"

namespace odordiff::scent {
namespace {

void append(PredictorFeatures& features, const chem::SparseCounts& counts, std::uint32_t first_bin) {
  for (const auto& [bin, count] : counts) {
    features.fingerprint.emplace_back(first_bin + bin, std::log1p(static_cast<float>(count)));
  }
}

}  // namespace

PredictorFeatures ranker_features(const chem::Molecule& mol) {
  PredictorFeatures features;
  append(features, chem::morgan_counts(mol, 2, kFingerprintBins), 0);
  append(features, chem::atom_pair_torsion_counts(mol, kFingerprintBins), kFingerprintBins);
  features.dense = chem::wide_descriptor_vector(mol);
  for (float& x : features.dense) x = std::copysign(std::log1p(std::abs(x)), x);
  return features;
}

PredictorFeatures judge_features(const chem::Molecule& mol) {
  PredictorFeatures features;
  append(features, chem::atom_pair_torsion_counts(mol, kFingerprintBins), 0);
  const auto dense = chem::descriptor_vector(mol);
  features.dense.assign(dense.begin(), dense.end());
  return features;
}

}  // namespace odordiff::scent
