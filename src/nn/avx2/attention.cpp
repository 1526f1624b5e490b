// Attention of a few queries over at most a few dozen keys. Keys lie eight side by side, so that eight keys'
// scores are made at once without sums across lanes.
#include "nn/avx2/avx2.h"
#include "nn/avx2/vector_math.h"

namespace odordiff::nn::avx2 {
namespace {

// Q queries at a time: four, as many as a block has tokens, or one, where only one is asked for. A query's
// sums are the same in either.

// probabilities[i][j] = q_i · k_j for all keys of one head
template <int Q>
inline void score(const float* const (&q)[Q], const Attention& a, std::ptrdiff_t at, float scale) {
  const std::ptrdiff_t width = static_cast<std::ptrdiff_t>(a.heads) * a.head_width;
  for (int j = 0; j < a.count; j += 8) {
    __m256 sum[Q];
#pragma GCC unroll 4
    for (int i = 0; i < Q; ++i) sum[i] = _mm256_setzero_ps();
    const float* keys = a.keys + j * width + at * 8;
    for (int d = 0; d < a.head_width; ++d) {
      const __m256 k = _mm256_loadu_ps(keys + static_cast<std::ptrdiff_t>(d) * 8);
#pragma GCC unroll 4
      for (int i = 0; i < Q; ++i) sum[i] = _mm256_fmadd_ps(_mm256_broadcast_ss(q[i] + at + d), k, sum[i]);
    }
#pragma GCC unroll 4
    for (int i = 0; i < Q; ++i) {
      float* p = a.probabilities + static_cast<std::ptrdiff_t>(i) * a.key_room + j;
      _mm256_storeu_ps(p, _mm256_mul_ps(sum[i], _mm256_set1_ps(scale)));
    }
  }
}

// out_i = sum over j of probabilities[i][j] v_j, for one head
template <int Q>
inline void gather(float* const (&out)[Q], const Attention& a, std::ptrdiff_t at) {
  const std::ptrdiff_t width = static_cast<std::ptrdiff_t>(a.heads) * a.head_width;
  int d = 0;
  for (; d + 16 <= a.head_width; d += 16) {
    __m256 low[Q];
    __m256 high[Q];
#pragma GCC unroll 4
    for (int i = 0; i < Q; ++i) low[i] = high[i] = _mm256_setzero_ps();
    const float* values = a.values + at + d;
    for (int j = 0; j < a.count; ++j) {
      const __m256 v0 = _mm256_loadu_ps(values + j * width);
      const __m256 v1 = _mm256_loadu_ps(values + j * width + 8);
#pragma GCC unroll 4
      for (int i = 0; i < Q; ++i) {
        const __m256 p =
            _mm256_broadcast_ss(a.probabilities + static_cast<std::ptrdiff_t>(i) * a.key_room + j);
        low[i] = _mm256_fmadd_ps(p, v0, low[i]);
        high[i] = _mm256_fmadd_ps(p, v1, high[i]);
      }
    }
#pragma GCC unroll 4
    for (int i = 0; i < Q; ++i) {
      _mm256_storeu_ps(out[i] + at + d, low[i]);
      _mm256_storeu_ps(out[i] + at + d + 8, high[i]);
    }
  }
  for (; d < a.head_width; d += 8) {
    for (int i = 0; i < Q; ++i) {
      __m256 sum = _mm256_setzero_ps();
      for (int j = 0; j < a.count; ++j) {
        const __m256 p =
            _mm256_broadcast_ss(a.probabilities + static_cast<std::ptrdiff_t>(i) * a.key_room + j);
        sum = _mm256_fmadd_ps(p, _mm256_loadu_ps(a.values + j * width + at + d), sum);
      }
      _mm256_storeu_ps(out[i] + at + d, sum);
    }
  }
}

template <int Q>
void attend(const Attention& a, int first, float scale) {
  const std::ptrdiff_t width = static_cast<std::ptrdiff_t>(a.heads) * a.head_width;
  const float* q[Q];
  float* out[Q];
  // Rows beyond the last repeat it: the same values are written to the same place.
  for (int i = 0; i < Q; ++i) {
    const int row = first + i < a.queries ? first + i : a.queries - 1;
    q[i] = a.q + static_cast<std::ptrdiff_t>(row) * a.q_stride;
    out[i] = a.out + row * width;
  }
  for (int head = 0; head < a.heads; ++head) {
    const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(head) * a.head_width;
    score(q, a, at, scale);
    for (int i = 0; i < Q; ++i)
      softmax(a.probabilities + static_cast<std::ptrdiff_t>(i) * a.key_room, a.count);
    gather(out, a, at);
  }
}

}  // namespace

void attention(const Attention& a) {
  const float scale = 1.0F / _mm_cvtss_f32(_mm_sqrt_ss(_mm_set_ss(static_cast<float>(a.head_width))));
  for (int first = 0; first < a.queries; first += 4) {
    if (first + 1 == a.queries) {
      attend<1>(a, first, scale);
    } else {
      attend<4>(a, first, scale);
    }
  }
}

}  // namespace odordiff::nn::avx2
