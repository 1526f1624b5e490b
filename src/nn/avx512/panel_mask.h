// Which outputs of a panel are written. For the files compiled for AVX-512 alone.
#pragma once

#include <immintrin.h>

#include "nn/kernel_table.h"

namespace odordiff::nn::avx512 {

// The first `n` outputs of a panel; all where there are more.
inline __mmask16 first_of(int n) {
  return static_cast<__mmask16>(n >= kPanel ? 0xffffU : n <= 0 ? 0U : (1U << static_cast<unsigned>(n)) - 1U);
}

}  // namespace odordiff::nn::avx512
