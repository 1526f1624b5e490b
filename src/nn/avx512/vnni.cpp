// The products of gemm.cpp in whole numbers, two k at a time.
#include "nn/avx512/avx512.h"
#include "nn/avx512/panel_mask.h"
#include "nn/row_tiles.h"

namespace odordiff::nn::avx512 {
namespace {

struct Side {
  const std::int8_t* weight = nullptr;
  __m512 scale;
  __mmask16 keep = 0;
};

template <int R>
[[gnu::noinline]] void tile(const std::int16_t* x, const float* row_scale, int pairs, const Side& first,
                            const Side& second, float* y, int out) {
  __m512i left[R];
  __m512i right[R];
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r) left[r] = right[r] = _mm512_setzero_si512();
  const std::int8_t* w0 = first.weight;
  const std::int8_t* w1 = second.weight;
  for (int k = 0; k < pairs; ++k, w0 += 2 * kPanel, w1 += 2 * kPanel) {
    const __m512i a = _mm512_cvtepi8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(w0)));
    const __m512i b = _mm512_cvtepi8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(w1)));
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) {
      std::int32_t pair = 0;
      __builtin_memcpy(&pair, x + (static_cast<std::ptrdiff_t>(r) * pairs + k) * 2, sizeof pair);
      const __m512i v = _mm512_set1_epi32(pair);
      left[r] = _mm512_dpwssd_epi32(left[r], v, a);
      right[r] = _mm512_dpwssd_epi32(right[r], v, b);
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r) {
    const __m512 s = _mm512_set1_ps(row_scale[r]);
    float* to = y + static_cast<std::ptrdiff_t>(r) * out;
    _mm512_mask_storeu_ps(to, first.keep,
                          _mm512_mul_ps(_mm512_cvtepi32_ps(left[r]), _mm512_mul_ps(s, first.scale)));
    _mm512_mask_storeu_ps(to + kPanel, second.keep,
                          _mm512_mul_ps(_mm512_cvtepi32_ps(right[r]), _mm512_mul_ps(s, second.scale)));
  }
}

}  // namespace

void sums_i8(const std::int16_t* x, const float* row_scale, int rows, int pairs, const std::int8_t* weight,
             const float* channel_scale, const WriteOut& to) {
  const std::ptrdiff_t panel = static_cast<std::ptrdiff_t>(pairs) * 2 * kPanel;
  const auto side = [&](int first) {
    return Side{weight + first / kPanel * panel, _mm512_loadu_ps(channel_scale + first),
                first_of(to.out - first)};
  };
  for (int first = 0; first < to.out; first += 2 * kPanel) {
    const Side left = side(first);
    // The last panel may have none beside it: it stands for that one too, and is not kept twice.
    Side right = first + kPanel < to.out ? side(first + kPanel) : left;
    if (first + kPanel >= to.out) right.keep = 0;
    for_row_tiles<8>(rows, [&](auto size, int row) {
      tile<decltype(size)::value>(x + static_cast<std::ptrdiff_t>(row) * pairs * 2, row_scale + row, pairs,
                                  left, right, to.y + static_cast<std::ptrdiff_t>(row) * to.out + first,
                                  to.out);
    });
  }
}

}  // namespace odordiff::nn::avx512
