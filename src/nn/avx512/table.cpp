// Names the table of this folder's kernels.
#include "nn/avx2/avx2.h"
#include "nn/avx512/avx512.h"
#include "nn/cpu.h"

namespace odordiff::nn {
namespace {

void gemm_f32(const float* x, int rows, int in, const float* weight, const WriteOut& to) {
  avx512::sums_f32(x, rows, in, weight, to);
  avx2::finish_f32(rows, to);
}

void gemm_bf16(const float* x, int rows, int in, const std::uint32_t* weight, const WriteOut& to) {
  avx512::sums_bf16(x, rows, in, weight, to);
  avx2::finish_f32(rows, to);
}

void gemm_i8(const std::int16_t* x, const float* row_scale, int rows, int pairs, const std::int8_t* weight,
             const float* channel_scale, const WriteOut& to) {
  avx512::sums_i8(x, row_scale, rows, pairs, weight, channel_scale, to);
  avx2::finish_f32(rows, to);
}

}  // namespace

const Kernels& avx512_kernels() {
  static const Kernels table = [] {
    Kernels out = avx2_kernels();
    out.gemm_f32 = gemm_f32;
    out.gemm_bf16 = gemm_bf16;
    if (detect_cpu().avx512_vnni) out.gemm_i8 = gemm_i8;
    return out;
  }();
  return table;
}

}  // namespace odordiff::nn
