// The kernels in plain C++ for any CPU; nn/kernel_table.h says what each does.
#pragma once

#include "nn/kernel_table.h"

namespace odordiff::nn::portable {

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

}  // namespace odordiff::nn::portable
