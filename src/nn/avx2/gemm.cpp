// Matrix products on packed panels: up to six rows by sixteen outputs in registers, K innermost and in order,
// so that a row's sums are the same whatever rows stand beside it.
#include "nn/avx2/avx2.h"
#include "nn/avx2/vector_math.h"
#include "nn/row_tiles.h"

namespace odordiff::nn::avx2 {
namespace {

constexpr int kTileRows = 6;
// Integer sums go through a register of their own before they are added, so fewer rows fit.
constexpr int kTileRowsI8 = 6;

struct PanelF32 {
  using Word = float;
  static constexpr int kStride = kPanel;
  static inline void read(const float* w, __m256& low, __m256& high) {
    low = _mm256_loadu_ps(w);
    high = _mm256_loadu_ps(w + 8);
  }
};

struct PanelBf16 {
  using Word = std::uint32_t;
  static constexpr int kStride = kPanel / 2;
  static inline void read(const std::uint32_t* w, __m256& low, __m256& high) {
    const __m256i pair = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(w));
    low = _mm256_castsi256_ps(_mm256_slli_epi32(pair, 16));
    high = _mm256_castsi256_ps(_mm256_and_si256(pair, _mm256_set1_epi32(static_cast<int>(0xffff0000U))));
  }
};

// A tile's sums on their way out of the registers.
struct Sums {
  alignas(32) float at[kTileRows][kPanel];
};

void write(const Sums& sums, int rows, int row, int first, const WriteOut& to) {
  const __m256 bias0 = _mm256_loadu_ps(to.bias + first);
  const __m256 bias1 = _mm256_loadu_ps(to.bias + first + 8);
  const int n = to.out - first;
  float* y = to.y + static_cast<std::ptrdiff_t>(row) * to.out + first;
  with_activation(to.activation, [&](auto activate) {
    for (int r = 0; r < rows; ++r, y += to.out) {
      const __m256 low = activate.apply(_mm256_add_ps(_mm256_load_ps(sums.at[r]), bias0));
      const __m256 high = activate.apply(_mm256_add_ps(_mm256_load_ps(sums.at[r] + 8), bias1));
      store_first(y, n, low);
      if (n > 8) store_first(y + 8, n - 8, high);
    }
  });
}

// Not inlined, so that every accumulator keeps its register.
template <int R, class Panel>
[[gnu::noinline]] void tile(const float* x, int in, const typename Panel::Word* w, int row, int first,
                            const WriteOut& to) {
  __m256 low[R];
  __m256 high[R];
#pragma GCC unroll 6
  for (int r = 0; r < R; ++r) low[r] = high[r] = _mm256_setzero_ps();
  x += static_cast<std::ptrdiff_t>(row) * in;
  for (int k = 0; k < in; ++k) {
    __m256 w0;
    __m256 w1;
    Panel::read(w + static_cast<std::ptrdiff_t>(k) * Panel::kStride, w0, w1);
#pragma GCC unroll 6
    for (int r = 0; r < R; ++r) {
      const __m256 v = _mm256_broadcast_ss(x + static_cast<std::ptrdiff_t>(r) * in + k);
      low[r] = _mm256_fmadd_ps(v, w0, low[r]);
      high[r] = _mm256_fmadd_ps(v, w1, high[r]);
    }
  }
  Sums sums;
#pragma GCC unroll 6
  for (int r = 0; r < R; ++r) {
    _mm256_store_ps(sums.at[r], low[r]);
    _mm256_store_ps(sums.at[r] + 8, high[r]);
  }
  write(sums, R, row, first, to);
}

template <int R>
[[gnu::noinline]] void tile_i8(const std::int16_t* x, const float* row_scale, int pairs, const std::int8_t* w,
                               const float* channel_scale, int row, int first, const WriteOut& to) {
  __m256i low[R];
  __m256i high[R];
#pragma GCC unroll 6
  for (int r = 0; r < R; ++r) low[r] = high[r] = _mm256_setzero_si256();
  x += static_cast<std::ptrdiff_t>(row) * pairs * 2;
  for (int k = 0; k < pairs; ++k) {
    const auto* at = reinterpret_cast<const __m128i*>(w + static_cast<std::ptrdiff_t>(k) * 2 * kPanel);
    const __m256i w0 = _mm256_cvtepi8_epi16(_mm_loadu_si128(at));
    const __m256i w1 = _mm256_cvtepi8_epi16(_mm_loadu_si128(at + 1));
#pragma GCC unroll 6
    for (int r = 0; r < R; ++r) {
      const __m256i v = _mm256_castps_si256(_mm256_broadcast_ss(
          reinterpret_cast<const float*>(x + (static_cast<std::ptrdiff_t>(r) * pairs + k) * 2)));
      low[r] = _mm256_add_epi32(low[r], _mm256_madd_epi16(v, w0));
      high[r] = _mm256_add_epi32(high[r], _mm256_madd_epi16(v, w1));
      // Keeps the compiler from spreading each sum over two registers, of which there are too few.
      asm("" : "+x"(low[r]), "+x"(high[r]));
    }
  }
  const __m256 scale0 = _mm256_loadu_ps(channel_scale + first);
  const __m256 scale1 = _mm256_loadu_ps(channel_scale + first + 8);
  Sums sums;
#pragma GCC unroll 6
  for (int r = 0; r < R; ++r) {
    const __m256 s = _mm256_set1_ps(row_scale[row + r]);
    _mm256_store_ps(sums.at[r], _mm256_mul_ps(_mm256_cvtepi32_ps(low[r]), _mm256_mul_ps(s, scale0)));
    _mm256_store_ps(sums.at[r] + 8, _mm256_mul_ps(_mm256_cvtepi32_ps(high[r]), _mm256_mul_ps(s, scale1)));
  }
  write(sums, R, row, first, to);
}

template <class Panel>
void gemm(const float* x, int rows, int in, const typename Panel::Word* weight, const WriteOut& to) {
  for (int first = 0; first < to.out; first += kPanel) {
    const auto* w = weight + static_cast<std::ptrdiff_t>(first / kPanel) * in * Panel::kStride;
    for_row_tiles<kTileRows>(
        rows, [&](auto size, int row) { tile<decltype(size)::value, Panel>(x, in, w, row, first, to); });
  }
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
  for (int first = 0; first < to.out; first += kPanel) {
    const std::int8_t* w = weight + static_cast<std::ptrdiff_t>(first) * pairs * 2;
    for_row_tiles<kTileRowsI8>(rows, [&](auto size, int row) {
      tile_i8<decltype(size)::value>(x, row_scale, pairs, w, channel_scale, row, first, to);
    });
  }
}

void finish_f32(int rows, const WriteOut& to) {
  with_activation(to.activation, [&](auto activate) {
    for (int r = 0; r < rows; ++r) {
      float* y = to.y + static_cast<std::ptrdiff_t>(r) * to.out;
      for (int j = 0; j < to.out; j += 8) {
        const __m256 v = _mm256_add_ps(load_first(y + j, to.out - j), _mm256_loadu_ps(to.bias + j));
        store_first(y + j, to.out - j, activate.apply(v));
      }
    }
  });
}

}  // namespace odordiff::nn::avx2
