// Kernel ridge regression from molecules to soft odor labels: the smoothest part of the odor teacher.
#pragma once

#include <torch/torch.h>

namespace odordiff::train {

struct KernelInputs {
  torch::Tensor similarity;  // [molecules, known molecules], odor_similarity.h
  // [molecules, labels] in [0, 1], or undefined: what an earlier stage answered for molecules that it had not
  // learned from. Molecules with like profiles are then alike too.
  torch::Tensor profiles;
};

// Learns `targets` [molecules, outputs] of the known molecules `rows` and answers for `asked`:
// [asked.size(0), outputs], not cut to [0, 1]. `noise` [molecules] is the ridge of each: the larger, the less
// its targets are trusted.
torch::Tensor kernel_answers(const KernelInputs& inputs, const torch::Tensor& rows,
                             const torch::Tensor& targets, const torch::Tensor& noise,
                             const torch::Tensor& asked);

}  // namespace odordiff::train
