// Reproducible numbers, and counts as sizes, for the tests of the kernels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/rng.h"

namespace odordiff::nn {

inline std::size_t size(int n) {
  return static_cast<std::size_t>(n);
}

// In [-1, 1).
inline std::vector<float> random_values(std::size_t n, std::uint64_t seed) {
  Rng rng(seed, 7);
  std::vector<float> values(n);
  for (float& v : values) v = 2 * rng.uniform() - 1;
  return values;
}

}  // namespace odordiff::nn
