// Matrix products for CPUs with AVX-512; all else they do as nn/avx2 does, with the same bits. As there, the
// files compiled for these instructions use no inline function of a shared header.
#pragma once

#include "nn/kernel_table.h"

namespace odordiff::nn::avx512 {

// Each puts its sums into to.y, without bias and activation.
void sums_f32(const float* x, int rows, int in, const float* weight, const WriteOut& to);
void sums_bf16(const float* x, int rows, int in, const std::uint32_t* weight, const WriteOut& to);
// Already scaled. REQUIRES: VNNI.
void sums_i8(const std::int16_t* x, const float* row_scale, int rows, int pairs, const std::int8_t* weight,
             const float* channel_scale, const WriteOut& to);

}  // namespace odordiff::nn::avx512
