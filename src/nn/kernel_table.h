// The inner loops under Linear, the norms and attention, as one table for each kind of CPU, so that nothing
// above knows instruction sets. Every function computes a row from that row alone, adding over K in index
// order.
#pragma once

#include <cstddef>
#include <cstdint>

#include "nn/kernels.h"

namespace odordiff::nn {

// Outputs packed side by side; packed weights are padded with zeros to whole panels.
inline constexpr int kPanel = 16;
inline constexpr int panels(int out) {
  return (out + kPanel - 1) / kPanel;
}

// Where a product goes: y = act(product + bias), y [rows, out].
struct WriteOut {
  float* y = nullptr;
  int out = 0;
  const float* bias = nullptr;  // [panels * 16]
  Activation activation = Activation::None;
};

// One sequence's queries over the keys that they may all see.
struct Attention {
  const float* q = nullptr;  // [queries, heads * head_width], rows `q_stride` apart
  int q_stride = 0;
  int queries = 0;
  const float* keys = nullptr;    // eight side by side: [key_room / 8, heads * head_width, 8]
  int key_room = 0;               // a multiple of 8
  const float* values = nullptr;  // [keys, heads * head_width]
  int count = 0;                  // keys, 1 - key_room
  int heads = 0;
  int head_width = 0;              // a multiple of 8
  float* out = nullptr;            // [queries, heads * head_width]
  float* probabilities = nullptr;  // scratch [4, key_room]
};

struct Kernels {
  // weight [panels][in][16]
  void (*gemm_f32)(const float* x, int rows, int in, const float* weight, const WriteOut& to);
  // weight [panels][in][8]: bfloat16 of output j in the low half, of output j + 8 in the high half
  void (*gemm_bf16)(const float* x, int rows, int in, const std::uint32_t* weight, const WriteOut& to);
  // x [rows, pairs, 2], weight [panels][pairs][16][2] (two k side by side); exact sums, then
  // y = act(sum * (row_scale * channel_scale) + bias)
  void (*gemm_i8)(const std::int16_t* x, const float* row_scale, int rows, int pairs,
                  const std::int8_t* weight, const float* channel_scale, const WriteOut& to);
  // x_r ~ q_r * scale_r with q in -127..127; q rows are `padded` apart, filled up with zeros.
  void (*quantise)(const float* x, int rows, int width, int padded, std::int16_t* q, float* scale);
  // y = act(y + bias), in place
  void (*finish_f32)(int rows, const WriteOut& to);
  void (*modulated_norm)(const float* x, const float* shift, const float* scale, float* y, int rows,
                         int width);
  void (*gated_add)(float* x, const float* gate, const float* d, int rows, int width);
  void (*softmax)(float* x, int n);
  void (*attention)(const Attention& a);
};

const Kernels& portable_kernels();
// REQUIRES: a CPU with AVX2 and FMA.
const Kernels& avx2_kernels();
// REQUIRES: a CPU with AVX-512 (F, BW, VL, DQ). Its results have the bits of avx2_kernels().
const Kernels& avx512_kernels();
// The table for cpu_path().
const Kernels& kernels();

}  // namespace odordiff::nn
