// Names the table of this folder's kernels.
#include "nn/avx2/avx2.h"

namespace odordiff::nn {

const Kernels& avx2_kernels() {
  static constexpr Kernels table = {
      .gemm_f32 = avx2::gemm_f32,
      .gemm_bf16 = avx2::gemm_bf16,
      .gemm_i8 = avx2::gemm_i8,
      .quantise = avx2::quantise,
      .finish_f32 = avx2::finish_f32,
      .modulated_norm = avx2::modulated_norm,
      .gated_add = avx2::gated_add,
      .softmax = avx2::softmax,
      .attention = avx2::attention,
  };
  return table;
}

}  // namespace odordiff::nn
