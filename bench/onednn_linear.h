// oneDNN's matrix product behind the interface of our linear layers: what kernels_bench holds them against.
#pragma once

#include <memory>

#include "nn/linear_backend.h"

namespace odordiff::nn {

// Weights in oneDNN's own layout; `table` finishes the rows. Throws Unavailable where oneDNN cannot do it.
std::unique_ptr<LinearBackend> make_onednn_linear(const LinearWeights& w, const Kernels& table);

}  // namespace odordiff::nn
