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

std::vector<float> ranker_descriptors(const chem::Molecule& mol) {
  auto dense = chem::wide_descriptor_vector(mol);
  for (float& x : dense) x = std::copysign(std::log1p(std::abs(x)), x);
  return dense;
}

}  // namespace

PredictorFeatures ranker_features(const chem::Molecule& mol) {
  PredictorFeatures features;
  append(features, chem::morgan_counts(mol, 2, kFingerprintBins), 0);
  append(features, chem::atom_pair_torsion_counts(mol, kFingerprintBins), kFingerprintBins);
  features.dense = ranker_descriptors(mol);
  return features;
}

std::vector<PredictorFeatures> ranker_features_without_each_atom(const chem::Molecule& mol) {
  const auto dense = ranker_descriptors(mol);
  const auto morgan = chem::morgan_counts_without_each_atom(mol, 2, kFingerprintBins);
  const auto pairs = chem::atom_pair_torsion_counts_without_each_atom(mol, kFingerprintBins);
  std::vector<PredictorFeatures> out(morgan.size());
  for (std::size_t atom = 0; atom < out.size(); ++atom) {
    append(out[atom], morgan[atom], 0);
    append(out[atom], pairs[atom], kFingerprintBins);
    out[atom].dense = dense;
  }
  return out;
}

PredictorFeatures judge_features(const chem::Molecule& mol) {
  PredictorFeatures features;
  append(features, chem::atom_pair_torsion_counts(mol, kFingerprintBins), 0);
  const auto dense = chem::descriptor_vector(mol);
  features.dense.assign(dense.begin(), dense.end());
  return features;
}

}  // namespace odordiff::scent
