// Rows go through one primitive of a fixed number of rows, the rest filled up with zeros, so that every row
// is computed by the same code wherever it stands, as ours are.
#include "onednn_linear.h"

#include <algorithm>
#include <cstring>
#include <unordered_map>

#include <dnnl.hpp>

#include "base/error.h"
#include "nn/aligned_buffer.h"
#include "nn/quantise.h"

// Of the OpenMP runtime that oneDNN is linked with; its header comes with the compiler that built it, maybe
// not ours.
extern "C" {
int omp_get_max_threads();
void omp_set_num_threads(int threads);
}

namespace odordiff::nn {
namespace {

constexpr int kTileRows = 16;

// oneDNN must not start threads of its own: the caller is one of ours already.
class OneThread {
 public:
  OneThread() : before_(omp_get_max_threads()) {
    if (before_ != 1) omp_set_num_threads(1);
  }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;
  ~OneThread() {
    if (before_ != 1) omp_set_num_threads(before_);
  }

 private:
  int before_;
};

std::size_t index(int i) {
  return static_cast<std::size_t>(i);
}

using Type = dnnl::memory::data_type;
using Tag = dnnl::memory::format_tag;

class OneDnnLinear final : public LinearBackend {
 public:
  OneDnnLinear(const LinearWeights& w, const Kernels& table)
      : table_(table),
        out_(w.out),
        in_(w.in),
        precision_(w.precision),
        activation_(w.activation),
        bias_(index(panels(w.out) * kPanel)),
        engine_(dnnl::engine::kind::cpu, 0) {
    const OneThread one;
    std::copy(w.bias.begin(), w.bias.end(), bias_.data());
    const Type source = precision_ == Precision::F32    ? Type::f32
                        : precision_ == Precision::BF16 ? Type::bf16
                                                        : Type::s8;
    source_ = {{kTileRows, in_}, source, Tag::ab};
    result_ = {{kTileRows, out_}, precision_ == Precision::I8 ? Type::s32 : Type::f32, Tag::ab};
    const dnnl::memory::desc any({in_, out_}, source, Tag::any);
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    const dnnl::matmul::primitive_desc description({source_, any, result_}, attributes, engine_);
    product_ = dnnl::matmul(description);
    scratchpad_ = description.scratchpad_desc();
    pack(w, source, description.weights_desc());
  }

  std::size_t weight_bytes() const override {
    return weight_.get_desc().get_size() + bias_.bytes() + scale_.bytes();
  }

  void run(const float* x, float* y, int rows, Workspace& scratch) const override {
    const OneThread one;
    const std::size_t tile_in = (source_.get_size() + 63) & ~std::size_t{63};
    const std::size_t tile_out = (result_.get_size() + 63) & ~std::size_t{63};
    auto* in = static_cast<std::byte*>(scratch.get(kLinearInputSlot, tile_in + scratchpad_.get_size() + 64));
    auto* out = static_cast<std::byte*>(scratch.get(kLinearOutputSlot, tile_out));
    dnnl::stream stream(engine_);
    dnnl::memory source(source_, engine_, in);
    dnnl::memory result(result_, engine_, out);
    const dnnl::memory pad(scratchpad_, engine_, in + tile_in);
    const std::unordered_map<int, dnnl::memory> arguments = {{DNNL_ARG_SRC, source},
                                                             {DNNL_ARG_WEIGHTS, weight_},
                                                             {DNNL_ARG_DST, result},
                                                             {DNNL_ARG_SCRATCHPAD, pad}};
    for (int first = 0; first < rows; first += kTileRows) {
      const int n = std::min(kTileRows, rows - first);
      const float* from = x + index(first) * index(in_);
      const WriteOut to{y + index(first) * index(out_), out_, bias_.data(), activation_};
      // A full tile of fp32 is read and written where it lies.
      const bool in_place = precision_ == Precision::F32 && n == kTileRows;
      const float* row_scale = load(from, n, in, scratch);
      source.set_data_handle(in_place ? const_cast<float*>(from) : static_cast<void*>(in));
      const bool direct = n == kTileRows && precision_ != Precision::I8;
      result.set_data_handle(direct ? static_cast<void*>(to.y) : out);
      product_.execute(stream, arguments);
      stream.wait();
      if (precision_ == Precision::I8) {
        scale(reinterpret_cast<const std::int32_t*>(out), row_scale, n, to.y);
      } else if (!direct) {
        std::memcpy(to.y, out, index(n) * index(out_) * sizeof(float));
      }
      table_.finish_f32(n, to);
    }
  }

 private:
  void pack(const LinearWeights& w, Type type, const dnnl::memory::desc& layout) {
    const std::size_t n = index(out_) * index(in_);
    AlignedBuffer<std::byte> plain(n * (type == Type::f32 ? 4 : type == Type::bf16 ? 2 : 1));
    if (type == Type::f32) {
      std::memcpy(plain.data(), w.weight.data(), plain.bytes());
    } else if (type == Type::bf16) {
      auto* words = reinterpret_cast<std::uint16_t*>(plain.data());
      for (std::size_t i = 0; i < n; ++i) words[i] = to_bf16(w.weight[i]);
    } else {
      scale_ = AlignedBuffer<float>(index(panels(out_) * kPanel));
      auto* q = reinterpret_cast<std::int8_t*>(plain.data());
      for (int o = 0; o < out_; ++o) {
        const std::size_t row = index(o) * index(in_);
        scale_[index(o)] = quantise_row(w.weight.subspan(row, index(in_)), q + row);
      }
    }
    dnnl::memory source({{in_, out_}, type, Tag::ba}, engine_, plain.data());
    weight_ = dnnl::memory(layout, engine_);
    dnnl::stream stream(engine_);
    dnnl::reorder(source, weight_).execute(stream, source, weight_);
    stream.wait();
  }

  void scale(const std::int32_t* sum, const float* row_scale, int n, float* y) const {
    for (int r = 0; r < n; ++r) {
      for (int o = 0; o < out_; ++o) *y++ = static_cast<float>(*sum++) * (row_scale[r] * scale_[index(o)]);
    }
  }

  // Puts `n` rows into the tile at `in` and zeros after them; returns the rows' scales for int8.
  const float* load(const float* x, int n, std::byte* in, Workspace& scratch) const {
    const std::size_t count = index(n) * index(in_);
    const std::size_t all = index(kTileRows) * index(in_);
    if (precision_ == Precision::F32) {
      if (n == kTileRows) return nullptr;
      std::memcpy(in, x, count * sizeof(float));
      std::memset(in + count * sizeof(float), 0, (all - count) * sizeof(float));
      return nullptr;
    }
    if (precision_ == Precision::BF16) {
      auto* words = reinterpret_cast<std::uint16_t*>(in);
      for (std::size_t i = 0; i < count; ++i) words[i] = to_bf16(x[i]);
      std::fill(words + count, words + all, std::uint16_t{0});
      return nullptr;
    }
    auto* scale = static_cast<float*>(
        scratch.get(kLinearScaleSlot, kTileRows * sizeof(float) + all * sizeof(std::int16_t)));
    auto* wide = reinterpret_cast<std::int16_t*>(scale + kTileRows);
    table_.quantise(x, n, in_, in_, wide, scale);
    auto* q = reinterpret_cast<std::int8_t*>(in);
    for (std::size_t i = 0; i < count; ++i) q[i] = static_cast<std::int8_t>(wide[i]);
    std::fill(q + count, q + all, std::int8_t{0});
    return scale;
  }

  const Kernels& table_;
  int out_;
  int in_;
  Precision precision_;
  Activation activation_;
  AlignedBuffer<float> bias_;
  AlignedBuffer<float> scale_;
  dnnl::engine engine_;
  dnnl::memory::desc source_;
  dnnl::memory::desc result_;
  dnnl::memory::desc scratchpad_;
  dnnl::memory weight_;
  dnnl::primitive product_;
};

}  // namespace

std::unique_ptr<LinearBackend> make_onednn_linear(const LinearWeights& w, const Kernels& table) {
  try {
    return std::make_unique<OneDnnLinear>(w, table);
  } catch (const dnnl::error& e) {
    throw Unavailable("oneDNN cannot multiply in " + std::string(to_string(w.precision)) + " on this CPU (" +
                      e.what() + ")");
  }
}

}  // namespace odordiff::nn
