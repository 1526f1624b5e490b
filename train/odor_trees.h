// Extremely randomised trees for many outputs at once (Geurts, Ernst & Wehenkel, Machine Learning 63, 3,
// 2006): the baseline that the odor predictor is compared with.
//
// A split is chosen among random features with random thresholds by the variance that it removes, summed over
// outputs. The sum is taken over the targets' leading principal directions, which hold nearly all of that
// variance.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <vector>

namespace odordiff::train {

struct TreesOptions {
  int trees = 300;
  double features = 0.04;  // share of the features that are not constant tried at each node
  int least_leaf = 2;      // rows
  std::uint64_t seed = 0;
};

class ExtraTrees {
 public:
  // x [rows, features], targets [rows, outputs]; trained on `rows`.
  ExtraTrees(const torch::Tensor& x, const torch::Tensor& rows, const torch::Tensor& targets,
             const TreesOptions& options);
  // Mean of the trees' leaves: [rows.size(0), outputs].
  torch::Tensor predict(const torch::Tensor& x, const torch::Tensor& rows) const;

 private:
  struct Node {
    std::int32_t feature = -1;  // -1: a leaf
    float threshold = 0;        // left when x <= threshold
    std::int32_t left = -1, right = -1;
    std::int32_t leaf = -1;  // row of leaves_
  };
  struct Grower;

  std::int64_t outputs_;
  std::vector<std::vector<Node>> trees_;
  std::vector<std::vector<float>> leaves_;  // for each tree [leaves, outputs]
};

}  // namespace odordiff::train
