// How alike molecules are: what the kernels of the odor teacher are made of.
#pragma once

#include <torch/torch.h>

#include "nn/safetensors.h"

namespace odordiff::train {

// [rows, known]: the similarity of the first `rows` molecules of what odordiff-features wrote to the first
// `known` ones.
//
// M, F, P and R are Tanimoto on square roots of counts (Morgan, feature-Morgan, atom pairs, paths); d is the
// distance of standardised descriptors over its median, and Q = (exp(-d²) + exp(-d)) / 2. The similarity is
// Q (1 + M + F + P + R) / 5 + Q (M² + R²) / 3; sums and products of kernels are kernels.
torch::Tensor similarities(const nn::SafeTensors& features, std::int64_t rows, std::int64_t known);

}  // namespace odordiff::train
