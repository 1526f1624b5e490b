// Norms, softmax and quantisation of rows, eight values at a time in a fixed order.
#include "nn/avx2/avx2.h"
#include "nn/avx2/vector_math.h"
#include "nn/quantise.h"

namespace odordiff::nn::avx2 {
namespace {

inline __m256 magnitude(__m256 v) {
  return _mm256_andnot_ps(_mm256_set1_ps(-0.0F), v);
}

inline __m256 on_lanes(__m256 v, int n) {
  return n >= 8 ? v : _mm256_and_ps(v, _mm256_castsi256_ps(first_lanes(n)));
}

}  // namespace

void quantise(const float* x, int rows, int width, int padded, std::int16_t* q, float* scale) {
  for (int r = 0; r < rows; ++r) {
    const float* row = x + static_cast<std::ptrdiff_t>(r) * width;
    std::int16_t* out = q + static_cast<std::ptrdiff_t>(r) * padded;
    __m256 peak = _mm256_setzero_ps();
    for (int i = 0; i < width; i += 8) peak = _mm256_max_ps(peak, magnitude(load_first(row + i, width - i)));
    float largest = largest_lane(peak);
    if (!(largest > kSmallestQuantised)) largest = 0;
    const __m256 inverse = _mm256_set1_ps(largest > 0 ? 127.0F / largest : 0.0F);
    for (int i = 0; i < padded; i += 8) {
      const __m256i words = _mm256_cvtps_epi32(_mm256_mul_ps(load_first(row + i, width - i), inverse));
      const __m128i shorts =
          _mm_packs_epi32(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
      if (padded - i >= 8) {
        _mm_storeu_si128(reinterpret_cast<__m128i*>(out + i), shorts);
      } else {
        alignas(16) std::int16_t rest[8];
        _mm_store_si128(reinterpret_cast<__m128i*>(rest), shorts);
        for (int j = 0; i + j < padded; ++j) out[i + j] = rest[j];
      }
    }
    scale[r] = largest / 127.0F;
  }
}

void modulated_norm(const float* x, const float* shift, const float* scale, float* y, int rows, int width) {
  const float count = static_cast<float>(width);
  for (int r = 0; r < rows; ++r) {
    const float* in = x + static_cast<std::ptrdiff_t>(r) * width;
    float* out = y + static_cast<std::ptrdiff_t>(r) * width;
    __m256 sum = _mm256_setzero_ps();
    for (int i = 0; i < width; i += 8) sum = _mm256_add_ps(sum, load_first(in + i, width - i));
    const __m256 mean = _mm256_set1_ps(sum_lanes(sum) / count);
    __m256 squares = _mm256_setzero_ps();
    for (int i = 0; i < width; i += 8) {
      const __m256 d = on_lanes(_mm256_sub_ps(load_first(in + i, width - i), mean), width - i);
      squares = _mm256_fmadd_ps(d, d, squares);
    }
    const __m128 variance = _mm_set_ss(sum_lanes(squares) / count + 1e-5F);
    const __m256 inverse = _mm256_set1_ps(1.0F / _mm_cvtss_f32(_mm_sqrt_ss(variance)));
    for (int i = 0; i < width; i += 8) {
      const int n = width - i;
      const __m256 d = _mm256_mul_ps(_mm256_sub_ps(load_first(in + i, n), mean), inverse);
      const __m256 factor = _mm256_add_ps(_mm256_set1_ps(1.0F), load_first(scale + i, n));
      store_first(out + i, n, _mm256_fmadd_ps(d, factor, load_first(shift + i, n)));
    }
  }
}

void gated_add(float* x, const float* gate, const float* d, int rows, int width) {
  for (int r = 0; r < rows; ++r) {
    float* row = x + static_cast<std::ptrdiff_t>(r) * width;
    const float* add = d + static_cast<std::ptrdiff_t>(r) * width;
    for (int i = 0; i < width; i += 8) {
      const int n = width - i;
      const __m256 v =
          _mm256_fmadd_ps(load_first(gate + i, n), load_first(add + i, n), load_first(row + i, n));
      store_first(row + i, n, v);
    }
  }
}

void softmax(float* x, int n) {
  if (n <= 0) return;
  __m256 peak = _mm256_set1_ps(x[0]);
  for (int i = 0; i < n; i += 8) {
    const __m256 v = load_first(x + i, n - i);
    const __m256 lanes = _mm256_castsi256_ps(first_lanes(n - i));
    peak = _mm256_max_ps(peak, _mm256_blendv_ps(peak, v, lanes));
  }
  peak = _mm256_set1_ps(largest_lane(peak));
  __m256 sum = _mm256_setzero_ps();
  for (int i = 0; i < n; i += 8) {
    const __m256 e = exp8(_mm256_sub_ps(load_first(x + i, n - i), peak));
    store_first(x + i, n - i, e);
    sum = _mm256_add_ps(sum, on_lanes(e, n - i));
  }
  const __m256 inverse = _mm256_set1_ps(1.0F / sum_lanes(sum));
  for (int i = 0; i < n; i += 8) store_first(x + i, n - i, _mm256_mul_ps(load_first(x + i, n - i), inverse));
}

}  // namespace odordiff::nn::avx2
