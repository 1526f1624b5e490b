// Names the table of this folder's kernels.
#include "nn/portable/portable.h"

namespace odordiff::nn {

const Kernels& portable_kernels() {
  static constexpr Kernels table = {
      .gemm_f32 = portable::gemm_f32,
      .gemm_bf16 = portable::gemm_bf16,
      .gemm_i8 = portable::gemm_i8,
      .quantise = portable::quantise,
      .finish_f32 = portable::finish_f32,
      .modulated_norm = portable::modulated_norm,
      .gated_add = portable::gated_add,
      .softmax = portable::softmax,
      .attention = portable::attention,
  };
  return table;
}

}  // namespace odordiff::nn
