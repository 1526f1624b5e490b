// Linear and the row functions of kernels.h: arguments checked, then handed to the kernels of this CPU.
#include <string>

#include "base/error.h"
#include "nn/cpu.h"
#include "nn/linear_backend.h"

namespace odordiff::nn {

Precision parse_precision(const std::string& text) {
  for (const Precision p : {Precision::F32, Precision::BF16, Precision::I8}) {
    if (text == to_string(p)) return p;
  }
  throw InvalidInput("precision must be fp32, bf16 or int8, not " + quote_for_message(text));
}

const char* to_string(Precision precision) {
  switch (precision) {
    case Precision::F32:
      return "fp32";
    case Precision::BF16:
      return "bf16";
    case Precision::I8:
      return "int8";
  }
  return "?";
}

const Kernels& kernels() {
  switch (cpu_path()) {
    case CpuPath::Baseline:
      return portable_kernels();
    case CpuPath::Avx2:
      return avx2_kernels();
    case CpuPath::Avx512:
      break;
  }
  return avx512_kernels();
}

struct Linear::Impl {
  int out = 0;
  int in = 0;
  std::unique_ptr<LinearBackend> backend;
};

Linear::Linear(std::span<const float> weight, std::span<const float> bias, int out, int in,
               Precision precision, Activation activation)
    : impl_(std::make_unique<Impl>()) {
  const auto size = static_cast<std::size_t>(out);
  if (out < 1 || in < 1 || weight.size() != size * static_cast<std::size_t>(in) ||
      (!bias.empty() && bias.size() != size)) {
    throw Internal("a linear layer's weights do not have its shape");
  }
  impl_->out = out;
  impl_->in = in;
  impl_->backend = make_packed_linear({weight, bias, out, in, precision, activation}, kernels());
}

Linear::~Linear() = default;
Linear::Linear(Linear&&) noexcept = default;
Linear& Linear::operator=(Linear&&) noexcept = default;

int Linear::in() const {
  return impl_->in;
}
int Linear::out() const {
  return impl_->out;
}
std::size_t Linear::weight_bytes() const {
  return impl_->backend->weight_bytes();
}

void Linear::operator()(const float* x, float* y, int rows, Workspace& scratch) const {
  if (rows > 0) impl_->backend->run(x, y, rows, scratch);
}

void modulated_norm(const float* x, const float* shift, const float* scale, float* y, int rows, int width) {
  kernels().modulated_norm(x, shift, scale, y, rows, width);
}

void gated_add(float* x, const float* gate, const float* d, int rows, int width) {
  kernels().gated_add(x, gate, d, rows, width);
}

void softmax(float* x, int n) {
  kernels().softmax(x, n);
}

}  // namespace odordiff::nn
