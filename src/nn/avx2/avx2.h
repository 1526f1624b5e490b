// The kernels for CPUs with AVX2 and FMA; nn/kernel_table.h says what each does. The files of this folder
// alone are compiled for those instructions, so they use no inline function of a shared header: the linker
// might keep their copy for everybody.
#pragma once

#include "nn/kernel_table.h"

namespace odordiff::nn::avx2 {

void gemm_f32(const float* x, int rows, int in, const float* weight, const WriteOut& to);
void gemm_bf16(const float* x, int rows, int in, const std::uint32_t* weight, const WriteOut& to);
void gemm_i8(const std::int16_t* x, const float* row_scale, int rows, int pairs, const std::int8_t* weight,
             const float* channel_scale, const WriteOut& to);
void quantise(const float* x, int rows, int width, int padded, std::int16_t* q, float* scale);
void finish_f32(int rows, const WriteOut& to);
void modulated_norm(const float* x, const float* shift, const float* scale, float* y, int rows, int width);
void gated_add(float* x, const float* gate, const float* d, int rows, int width);
void softmax(float* x, int n);
void attention(const Attention& a);

}  // namespace odordiff::nn::avx2
