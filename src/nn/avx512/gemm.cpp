// Sums of products on packed panels: up to eight rows by two panels in registers, K innermost and in order,
// so that a row's sums are the same whatever rows stand beside it.
#include "nn/avx512/avx512.h"
#include "nn/avx512/panel_mask.h"
#include "nn/row_tiles.h"

namespace odordiff::nn::avx512 {
namespace {

struct PanelF32 {
  using Word = float;
  static constexpr int kStride = kPanel;
  static inline __m512 read(const float* w) { return _mm512_loadu_ps(w); }
};

struct PanelBf16 {
  using Word = std::uint32_t;
  static constexpr int kStride = kPanel / 2;
  static inline __m512 read(const std::uint32_t* w) {
    const __m256i pair = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(w));
    const __m256i high = _mm256_and_si256(pair, _mm256_set1_epi32(static_cast<int>(0xffff0000U)));
    return _mm512_castsi512_ps(
        _mm512_inserti64x4(_mm512_castsi256_si512(_mm256_slli_epi32(pair, 16)), high, 1));
  }
};

// Of the last two panels the second may be missing: then `second` is the first one again, and `keep` is 0.
template <int R, class Panel>
[[gnu::noinline]] void tile(const float* x, int in, const typename Panel::Word* first,
                            const typename Panel::Word* second, float* y, int out, __mmask16 keep_first,
                            __mmask16 keep_second) {
  __m512 left[R];
  __m512 right[R];
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r) left[r] = right[r] = _mm512_setzero_ps();
  for (int k = 0; k < in; ++k) {
    const __m512 a = Panel::read(first + static_cast<std::ptrdiff_t>(k) * Panel::kStride);
    const __m512 b = Panel::read(second + static_cast<std::ptrdiff_t>(k) * Panel::kStride);
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) {
      const __m512 v = _mm512_set1_ps(x[static_cast<std::ptrdiff_t>(r) * in + k]);
      left[r] = _mm512_fmadd_ps(v, a, left[r]);
      right[r] = _mm512_fmadd_ps(v, b, right[r]);
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r) {
    float* to = y + static_cast<std::ptrdiff_t>(r) * out;
    _mm512_mask_storeu_ps(to, keep_first, left[r]);
    _mm512_mask_storeu_ps(to + kPanel, keep_second, right[r]);
  }
}

template <class Panel>
void sums(const float* x, int rows, int in, const typename Panel::Word* weight, const WriteOut& to) {
  const std::ptrdiff_t panel = static_cast<std::ptrdiff_t>(in) * Panel::kStride;
  for (int first = 0; first < to.out; first += 2 * kPanel, weight += 2 * panel) {
    const __mmask16 keep_first = first_of(to.out - first);
    const __mmask16 keep_second = first_of(to.out - first - kPanel);
    const auto* second = keep_second == 0 ? weight : weight + panel;
    for_row_tiles<8>(rows, [&](auto size, int row) {
      tile<decltype(size)::value, Panel>(x + static_cast<std::ptrdiff_t>(row) * in, in, weight, second,
                                         to.y + static_cast<std::ptrdiff_t>(row) * to.out + first, to.out,
                                         keep_first, keep_second);
    });
  }
}

}  // namespace

void sums_f32(const float* x, int rows, int in, const float* weight, const WriteOut& to) {
  sums<PanelF32>(x, rows, in, weight, to);
}

void sums_bf16(const float* x, int rows, int in, const std::uint32_t* weight, const WriteOut& to) {
  sums<PanelBf16>(x, rows, in, weight, to);
}

}  // namespace odordiff::nn::avx512
