// The odor teacher: what is learned from labels and texts by methods too heavy to ship. Its answers,
// calibrated, teach the network that is shipped.
#pragma once

#include <torch/torch.h>

#include <filesystem>
#include <string>
#include <vector>

#include "nn/safetensors.h"
#include "odor_features.h"

namespace odordiff::train {

inline constexpr int kFolds = 5;

// Everything that is known of the molecules: one row a molecule.
struct OdorData {
  OdorData(const nn::SafeTensors& features, const std::filesystem::path& texts);

  // Fold of each molecule, 0 to kFolds - 1, by the hash of its SMILES.
  std::vector<std::int64_t> fold;
  torch::Tensor labels;              // [n, 138]
  torch::Tensor odorous;             // [n]: 1, 0, or -1 where not known
  torch::Tensor labelled, has_text;  // [n] bool
  torch::Tensor validation, unlabelled;
  torch::Tensor words;       // [known molecules, vocabulary]
  torch::Tensor length;      // [n]: words of the texts about each
  torch::Tensor similarity;  // [n, known molecules]
  std::int64_t rows() const { return labels.size(0); }
};

// Rows where `mask` [n] is true.
torch::Tensor rows_where(const torch::Tensor& mask);

// The molecules of a fold, [n] bool; unlabelled ones are in none.
torch::Tensor in_fold(const OdorData& data, int fold);

struct TeacherAnswers {
  torch::Tensor first, second, odor;  // [asked.size(0), 138]: the first two stages', and the teacher's own
  torch::Tensor odorous;              // [asked.size(0)]
};

// Learns from those of `train` [n] bool that have labels or texts, and answers for `asked`.
TeacherAnswers teach(const OdorData& data, const torch::Tensor& train, const torch::Tensor& asked);

// p' = sigmoid(a logit(p) + b), one (a, b) a column, fitted by maximum likelihood with a weak pull towards
// (1, 0) (Platt 1999). Columns of `truth` may hold -1 for "not known".
struct Calibration {
  torch::Tensor slope, offset;  // [columns]
  static Calibration fit(const torch::Tensor& probabilities, const torch::Tensor& truth);
  torch::Tensor operator()(const torch::Tensor& probabilities) const;
};

// Expected calibration error over all entries: 15 bins of equal width (Guo et al., ICML 2017).
double calibration_error(const torch::Tensor& probabilities, const torch::Tensor& truth);

}  // namespace odordiff::train
