// Linear on our own kernels: weights packed once in panels of sixteen outputs, so that the loop over K reads
// them straight through.
#include <algorithm>
#include <vector>

#include "nn/aligned_buffer.h"
#include "nn/linear_backend.h"
#include "nn/quantise.h"

namespace odordiff::nn {
namespace {

std::size_t index(int i) {
  return static_cast<std::size_t>(i);
}

AlignedBuffer<float> padded_bias(const LinearWeights& w) {
  AlignedBuffer<float> bias(index(panels(w.out) * kPanel));
  std::copy(w.bias.begin(), w.bias.end(), bias.data());
  return bias;
}

class PackedBase : public LinearBackend {
 public:
  PackedBase(const LinearWeights& w, const Kernels& table)
      : table_(table), out_(w.out), in_(w.in), activation_(w.activation), bias_(padded_bias(w)) {}

 protected:
  WriteOut to(float* y) const { return {y, out_, bias_.data(), activation_}; }

  const Kernels& table_;
  int out_;
  int in_;
  Activation activation_;
  AlignedBuffer<float> bias_;
};

class PackedF32 final : public PackedBase {
 public:
  PackedF32(const LinearWeights& w, const Kernels& table)
      : PackedBase(w, table), weight_(index(panels(w.out)) * index(w.in) * kPanel) {
    for (int o = 0; o < w.out; ++o) {
      const float* row = w.weight.data() + index(o) * index(w.in);
      float* panel = weight_.data() + index(o / kPanel) * index(w.in) * kPanel + o % kPanel;
      for (int k = 0; k < w.in; ++k) panel[index(k) * kPanel] = row[k];
    }
  }
  std::size_t weight_bytes() const override { return weight_.bytes() + bias_.bytes(); }
  void run(const float* x, float* y, int rows, Workspace&) const override {
    table_.gemm_f32(x, rows, in_, weight_.data(), to(y));
  }

 private:
  AlignedBuffer<float> weight_;
};

class PackedBf16 final : public PackedBase {
 public:
  PackedBf16(const LinearWeights& w, const Kernels& table)
      : PackedBase(w, table), weight_(index(panels(w.out)) * index(w.in) * (kPanel / 2)) {
    for (int o = 0; o < w.out; ++o) {
      const float* row = w.weight.data() + index(o) * index(w.in);
      const int lane = o % kPanel;
      const unsigned shift = lane >= 8 ? 16U : 0U;
      std::uint32_t* panel = weight_.data() + index(o / kPanel) * index(w.in) * (kPanel / 2) + lane % 8;
      for (int k = 0; k < w.in; ++k)
        panel[index(k) * (kPanel / 2)] |= std::uint32_t{to_bf16(row[k])} << shift;
    }
  }
  std::size_t weight_bytes() const override { return weight_.bytes() + bias_.bytes(); }
  void run(const float* x, float* y, int rows, Workspace&) const override {
    table_.gemm_bf16(x, rows, in_, weight_.data(), to(y));
  }

 private:
  AlignedBuffer<std::uint32_t> weight_;
};

class PackedI8 final : public PackedBase {
 public:
  PackedI8(const LinearWeights& w, const Kernels& table)
      : PackedBase(w, table),
        pairs_((w.in + 1) / 2),
        weight_(index(panels(w.out)) * index(pairs_) * 2 * kPanel),
        scale_(index(panels(w.out) * kPanel)) {
    // As activations are, row by row.
    std::vector<std::int16_t> q(2 * index(pairs_));
    for (int o = 0; o < w.out; ++o) {
      const float* row = w.weight.data() + index(o) * index(w.in);
      table.quantise(row, 1, w.in, 2 * pairs_, q.data(), &scale_[index(o)]);
      std::int8_t* panel = weight_.data() + index(o / kPanel) * index(pairs_) * 2 * kPanel + 2 * (o % kPanel);
      for (int k = 0; k < pairs_; ++k) {
        panel[index(k) * 2 * kPanel] = static_cast<std::int8_t>(q[2 * index(k)]);
        panel[index(k) * 2 * kPanel + 1] = static_cast<std::int8_t>(q[2 * index(k) + 1]);
      }
    }
  }
  std::size_t weight_bytes() const override { return weight_.bytes() + scale_.bytes() + bias_.bytes(); }
  void run(const float* x, float* y, int rows, Workspace& scratch) const override {
    const std::size_t n = index(rows);
    auto* q = static_cast<std::int16_t*>(
        scratch.get(kLinearInputSlot, n * index(pairs_) * 2 * sizeof(std::int16_t)));
    auto* row_scale = static_cast<float*>(scratch.get(kLinearScaleSlot, n * sizeof(float)));
    table_.quantise(x, rows, in_, 2 * pairs_, q, row_scale);
    table_.gemm_i8(q, row_scale, rows, pairs_, weight_.data(), scale_.data(), to(y));
  }

 private:
  int pairs_;
  AlignedBuffer<std::int8_t> weight_;
  AlignedBuffer<float> scale_;
};

}  // namespace

std::unique_ptr<LinearBackend> make_packed_linear(const LinearWeights& w, const Kernels& table) {
  switch (w.precision) {
    case Precision::F32:
      return std::make_unique<PackedF32>(w, table);
    case Precision::BF16:
      return std::make_unique<PackedBf16>(w, table);
    case Precision::I8:
      return std::make_unique<PackedI8>(w, table);
  }
  return nullptr;
}

}  // namespace odordiff::nn
