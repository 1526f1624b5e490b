// The activations, one value at a time, for the plain C++ kernels.
#pragma once

#include <cmath>

#include "nn/kernels.h"

namespace odordiff::nn::portable {

// Tanh form of gelu, written as x * sigmoid(2 u).
inline float gelu(float x) {
  const float u = 0.7978845608028654F * (x + 0.044715F * x * x * x);
  return x / (1.0F + std::exp(-2.0F * u));
}

inline float silu(float x) {
  return x / (1.0F + std::exp(-x));
}

inline float activate(float x, Activation activation) {
  switch (activation) {
    case Activation::None:
      return x;
    case Activation::Gelu:
      return gelu(x);
    case Activation::Silu:
      return silu(x);
    case Activation::Relu:
      return x > 0 ? x : 0.0F;
  }
  return x;
}

}  // namespace odordiff::nn::portable
