// Matrix products on packed panels in plain C++, with the compiler's 16-byte vectors (SSE2, NEON or scalar
// code).
#include <bit>
#include <cstring>

#include "nn/portable/activation.h"
#include "nn/portable/portable.h"

namespace odordiff::nn::portable {
namespace {

using Floats = float __attribute__((vector_size(16)));
using Words = std::uint32_t __attribute__((vector_size(16)));

template <class Vector>
Vector load(const void* p) {
  Vector v;
  std::memcpy(&v, p, sizeof v);
  return v;
}

struct PanelF32 {
  using Word = float;
  static constexpr int kStride = kPanel;
  static void read(const float* w, Floats (&out)[4]) {
    for (int j = 0; j < 4; ++j) out[j] = load<Floats>(w + 4 * j);
  }
};

struct PanelBf16 {
  using Word = std::uint32_t;
  static constexpr int kStride = kPanel / 2;
  static void read(const std::uint32_t* w, Floats (&out)[4]) {
    for (int j = 0; j < 2; ++j) {
      const auto pair = load<Words>(w + 4 * j);
      const Words low = pair << 16U;
      const Words high = pair & 0xffff0000U;
      out[j] = load<Floats>(&low);
      out[j + 2] = load<Floats>(&high);
    }
  }
};

// R rows by one panel; K innermost, so that a row's sums do not depend on R.
template <int R, class Panel>
void tile(const float* x, int in, const typename Panel::Word* weight, int panel, int row,
          const WriteOut& to) {
  Floats sum[R][4] = {};
  for (int k = 0; k < in; ++k) {
    Floats w[4];
    Panel::read(weight + static_cast<std::ptrdiff_t>(k) * Panel::kStride, w);
    for (int r = 0; r < R; ++r) {
      const float v = x[static_cast<std::ptrdiff_t>(r) * in + k];
      for (int j = 0; j < 4; ++j) sum[r][j] += w[j] * v;
    }
  }
  const int first = panel * kPanel;
  const int n = to.out - first < kPanel ? to.out - first : kPanel;
  for (int r = 0; r < R; ++r) {
    float values[kPanel];
    std::memcpy(values, sum[r], sizeof values);
    float* y = to.y + static_cast<std::ptrdiff_t>(row + r) * to.out + first;
    for (int j = 0; j < n; ++j) y[j] = activate(values[j] + to.bias[first + j], to.activation);
  }
}

template <class Panel>
void gemm(const float* x, int rows, int in, const typename Panel::Word* weight, const WriteOut& to) {
  for (int p = 0; p < panels(to.out); ++p) {
    const auto* w = weight + static_cast<std::ptrdiff_t>(p) * in * Panel::kStride;
    int r = 0;
    for (; r + 2 <= rows; r += 2) tile<2, Panel>(x + static_cast<std::ptrdiff_t>(r) * in, in, w, p, r, to);
    if (r < rows) tile<1, Panel>(x + static_cast<std::ptrdiff_t>(r) * in, in, w, p, r, to);
  }
}

float dequantised(std::int32_t sum, float scale, float bias, Activation activation) {
  return activate(static_cast<float>(sum) * scale + bias, activation);
}

}  // namespace

void gemm_f32(const float* x, int rows, int in, const float* weight, const WriteOut& to) {
  gemm<PanelF32>(x, rows, in, weight, to);
}

void gemm_bf16(const float* x, int rows, int in, const std::uint32_t* weight, const WriteOut& to) {
  gemm<PanelBf16>(x, rows, in, weight, to);
}

void gemm_i8(const std::int16_t* x, const float* row_scale, int rows, int pairs, const std::int8_t* weight,
             const float* channel_scale, const WriteOut& to) {
  for (int p = 0; p < panels(to.out); ++p) {
    const std::int8_t* panel = weight + static_cast<std::ptrdiff_t>(p) * pairs * 2 * kPanel;
    const int first = p * kPanel;
    const int n = to.out - first < kPanel ? to.out - first : kPanel;
    for (int r = 0; r < rows; ++r) {
      const std::int16_t* v = x + static_cast<std::ptrdiff_t>(r) * pairs * 2;
      std::int32_t sum[kPanel] = {};
      for (int k = 0; k < pairs; ++k) {
        const std::int8_t* w = panel + static_cast<std::ptrdiff_t>(k) * 2 * kPanel;
        for (int j = 0; j < kPanel; ++j) sum[j] += w[2 * j] * v[2 * k] + w[2 * j + 1] * v[2 * k + 1];
      }
      float* y = to.y + static_cast<std::ptrdiff_t>(r) * to.out + first;
      for (int j = 0; j < n; ++j) {
        y[j] =
            dequantised(sum[j], row_scale[r] * channel_scale[first + j], to.bias[first + j], to.activation);
      }
    }
  }
}

void finish_f32(int rows, const WriteOut& to) {
  for (int r = 0; r < rows; ++r) {
    float* y = to.y + static_cast<std::ptrdiff_t>(r) * to.out;
    for (int j = 0; j < to.out; ++j) y[j] = activate(y[j] + to.bias[j], to.activation);
  }
}

}  // namespace odordiff::nn::portable
