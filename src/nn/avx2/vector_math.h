// Eight floats at a time: exp, the activations, partial loads and fixed-order sums. Everything is `static`,
// see avx2.h.
#pragma once

#include <immintrin.h>

#include "nn/kernels.h"

namespace odordiff::nn::avx2 {

// 2^(n + f) for whole n in -126..127 and f in [-1/2, 1/2], to within 2e-7 of itself: the polynomial of degree
// 5 with the least greatest relative error, its first coefficient set to 1.
static inline __m256 exp2_parts(__m256 n, __m256 f) {
  __m256 p = _mm256_set1_ps(1.3276472e-3F);
  p = _mm256_fmadd_ps(p, f, _mm256_set1_ps(9.6755415e-3F));
  p = _mm256_fmadd_ps(p, f, _mm256_set1_ps(5.5507133e-2F));
  p = _mm256_fmadd_ps(p, f, _mm256_set1_ps(2.4022120e-1F));
  p = _mm256_fmadd_ps(p, f, _mm256_set1_ps(6.9314697e-1F));
  p = _mm256_fmadd_ps(p, f, _mm256_set1_ps(1.0F));
  const __m256i power = _mm256_slli_epi32(_mm256_cvtps_epi32(n), 23);
  return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(p), power));
}

static inline __m256 nearest_whole(__m256 x) {
  return _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

static constexpr float kLog2E = 1.44269504088896341F;

// exp, arguments cut to ±87, where the result is still a normal number.
static inline __m256 exp8(__m256 x) {
  x = _mm256_min_ps(_mm256_max_ps(x, _mm256_set1_ps(-87.0F)), _mm256_set1_ps(87.0F));
  const __m256 n = nearest_whole(_mm256_mul_ps(x, _mm256_set1_ps(kLog2E)));
  return exp2_parts(n, _mm256_fmsub_ps(x, _mm256_set1_ps(kLog2E), n));
}

// x / (1 + 2^t)
static inline __m256 over_one_plus_exp2(__m256 x, __m256 t) {
  t = _mm256_min_ps(_mm256_max_ps(t, _mm256_set1_ps(-125.0F)), _mm256_set1_ps(125.0F));
  const __m256 n = nearest_whole(t);
  return _mm256_div_ps(x, _mm256_add_ps(_mm256_set1_ps(1.0F), exp2_parts(n, _mm256_sub_ps(t, n))));
}

template <Activation A>
static inline __m256 activate8(__m256 x) {
  if constexpr (A == Activation::Gelu) {
    // 0.5 x (1 + tanh(u)) = x / (1 + exp(-2 u)), u = sqrt(2/pi) (x + 0.044715 x³)
    constexpr float kLinear = -2 * 0.7978845608028654F * kLog2E;
    const __m256 factor =
        _mm256_fmadd_ps(_mm256_mul_ps(x, x), _mm256_set1_ps(kLinear * 0.044715F), _mm256_set1_ps(kLinear));
    return over_one_plus_exp2(x, _mm256_mul_ps(x, factor));
  } else if constexpr (A == Activation::Silu) {
    return over_one_plus_exp2(x, _mm256_mul_ps(x, _mm256_set1_ps(-kLog2E)));
  } else if constexpr (A == Activation::Relu) {
    return _mm256_max_ps(x, _mm256_setzero_ps());
  } else {
    return x;
  }
}

template <Activation A>
struct Activate {
  static inline __m256 apply(__m256 x) { return activate8<A>(x); }
};

// Calls use(Activate<A>()) for the activation, so that loops over values need not ask again.
template <class Use>
static inline void with_activation(Activation activation, Use use) {
  switch (activation) {
    case Activation::None:
      return use(Activate<Activation::None>());
    case Activation::Gelu:
      return use(Activate<Activation::Gelu>());
    case Activation::Silu:
      return use(Activate<Activation::Silu>());
    case Activation::Relu:
      return use(Activate<Activation::Relu>());
  }
}

// Lanes below `n` are on.
static inline __m256i first_lanes(int n) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

// `n` floats from p (8 or more: eight), zeros after them.
static inline __m256 load_first(const float* p, int n) {
  return n >= 8 ? _mm256_loadu_ps(p) : _mm256_maskload_ps(p, first_lanes(n));
}

static inline void store_first(float* p, int n, __m256 v) {
  if (n >= 8) {
    _mm256_storeu_ps(p, v);
  } else {
    _mm256_maskstore_ps(p, first_lanes(n), v);
  }
}

static inline float sum_lanes(__m256 v) {
  __m128 s = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  s = _mm_add_ps(s, _mm_movehl_ps(s, s));
  return _mm_cvtss_f32(_mm_add_ss(s, _mm_shuffle_ps(s, s, 1)));
}

static inline float largest_lane(__m256 v) {
  __m128 s = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  s = _mm_max_ps(s, _mm_movehl_ps(s, s));
  return _mm_cvtss_f32(_mm_max_ss(s, _mm_shuffle_ps(s, s, 1)));
}

}  // namespace odordiff::nn::avx2
