// Stands in for this folder and nn/avx512 on processors that are not x86-64, where it is never chosen.
#include "nn/kernel_table.h"

namespace odordiff::nn {

const Kernels& avx2_kernels() {
  return portable_kernels();
}
const Kernels& avx512_kernels() {
  return portable_kernels();
}

}  // namespace odordiff::nn
