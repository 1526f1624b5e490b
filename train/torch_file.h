// Safetensors files as torch tensors and back.
#pragma once

#include <torch/torch.h>

#include <filesystem>
#include <map>
#include <string>

#include "nn/safetensors.h"

namespace odordiff::train {

// A copy of the tensor `name`. Throws Unavailable when it is absent.
torch::Tensor load_tensor(const nn::SafeTensors& file, const std::string& name);
void save_tensors(const std::filesystem::path& file, const std::map<std::string, torch::Tensor>& tensors);

// Area under the ROC curve of `scores` for `truth` (both [n]); NaN when one class is missing.
double auroc(const torch::Tensor& scores, const torch::Tensor& truth);

}  // namespace odordiff::train
