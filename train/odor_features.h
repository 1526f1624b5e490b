// The data set of the odor predictors as torch tensors: what `odordiff-features` wrote.
#pragma once

#include <torch/torch.h>

#include <filesystem>
#include <string>
#include <vector>

#include "nn/safetensors.h"

namespace odordiff::train {

// Sparse rows: bins and values of row i stand at [offset[i], offset[i + 1]).
struct SparseRows {
  torch::Tensor bin, value, offset;  // I64, F32, I64
  std::int64_t width = 0;

  SparseRows(const nn::SafeTensors& file, const std::string& name, std::int64_t width);
  // [rows.size(0), width], zeros where nothing is said.
  torch::Tensor dense(const torch::Tensor& rows) const;
};

// (x - mean) / deviation of each column over `rows`, cut to ±limit.
torch::Tensor standardised(const torch::Tensor& x, const torch::Tensor& rows, double limit);
// sign(x) log(1 + |x|), for columns that span powers of ten.
torch::Tensor squeezed(const torch::Tensor& x);

// [a.size(0), b.size(0)]: between rows.
torch::Tensor squared_distances(const torch::Tensor& a, const torch::Tensor& b);

std::vector<std::string> load_strings(const nn::SafeTensors& file, const std::string& name);

// Mean area under the ROC curve over the columns of `truth` that hold both classes and at least `least`
// positives.
double macro_auroc(const torch::Tensor& scores, const torch::Tensor& truth, int least = 1);

}  // namespace odordiff::train
