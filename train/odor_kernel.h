// A kernel regression from molecules to soft odor labels: the smoothest part of the odor teacher.
//
// Similarity of two molecules: Tanimoto on square roots of counts (T, for Morgan, feature-Morgan and atom pairs) times a
// Gaussian on standardised descriptors (G): k = (T1 G + T2 G + T3 G + G³) / 4 + T1² G / 2. Products of kernels are kernels.
#pragma once

#include <torch/torch.h>

#include "odor_features.h"

namespace odordiff::train {

struct KernelInputs {
  SparseRows morgan, feature_morgan, pairs;
  torch::Tensor descriptors;  // [rows, columns], standardised
};

class KernelTeacher {
 public:
  // Solves (K + ridge I) w = targets - mean over `rows`; targets [rows of the inputs, outputs].
  KernelTeacher(const KernelInputs& inputs, const torch::Tensor& rows, const torch::Tensor& targets, double ridge = 2.5);
  // [rows.size(0), outputs]; not cut to [0, 1].
  torch::Tensor predict(const torch::Tensor& rows) const;

 private:
  torch::Tensor similarity(const torch::Tensor& rows) const;  // [rows.size(0), training rows]

  const KernelInputs& inputs_;
  torch::Tensor train_[3], train_norm_[3], train_descriptors_;
  double width_ = 1;
  torch::Tensor weights_, mean_;
};

}  // namespace odordiff::train
