// The one interface under Linear. Each backend prepares the weights its own way, once.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "nn/kernel_table.h"

namespace odordiff::nn {

struct LinearWeights {
  std::span<const float> weight;  // [out, in]
  std::span<const float> bias;    // [out] or empty
  int out = 0;
  int in = 0;
  Precision precision = Precision::F32;
  Activation activation = Activation::None;
};

class LinearBackend {
 public:
  LinearBackend() = default;
  LinearBackend(const LinearBackend&) = delete;
  LinearBackend& operator=(const LinearBackend&) = delete;
  virtual ~LinearBackend() = default;

  virtual std::size_t weight_bytes() const = 0;
  virtual void run(const float* x, float* y, int rows, Workspace& scratch) const = 0;
};

// Weights packed in panels of 16 outputs for the loops of `table`.
std::unique_ptr<LinearBackend> make_packed_linear(const LinearWeights& w, const Kernels& table);

// Workspace slots that the backends use; callers of Linear keep to 0-4.
inline constexpr int kLinearInputSlot = 5;
inline constexpr int kLinearScaleSlot = 6;
inline constexpr int kLinearOutputSlot = 7;

}  // namespace odordiff::nn
