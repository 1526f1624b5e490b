// Norms, softmax, attention and quantisation of rows in plain C++.
#include <algorithm>
#include <cmath>

#include "nn/portable/portable.h"
#include "nn/quantise.h"

namespace odordiff::nn::portable {

void quantise(const float* x, int rows, int width, int padded, std::int16_t* q, float* scale) {
  for (int r = 0; r < rows; ++r) {
    const float* row = x + static_cast<std::ptrdiff_t>(r) * width;
    std::int16_t* out = q + static_cast<std::ptrdiff_t>(r) * padded;
    float largest = 0;
    for (int i = 0; i < width; ++i) largest = std::max(largest, std::fabs(row[i]));
    if (!(largest > kSmallestQuantised)) largest = 0;
    const float inverse = largest > 0 ? 127.0F / largest : 0.0F;
    for (int i = 0; i < width; ++i) out[i] = static_cast<std::int16_t>(std::lrintf(row[i] * inverse));
    std::fill(out + width, out + padded, std::int16_t{0});
    scale[r] = largest / 127.0F;
  }
}

void modulated_norm(const float* x, const float* shift, const float* scale, float* y, int rows, int width) {
  for (int r = 0; r < rows; ++r) {
    const float* in = x + static_cast<std::ptrdiff_t>(r) * width;
    float* out = y + static_cast<std::ptrdiff_t>(r) * width;
    float sum = 0;
    for (int i = 0; i < width; ++i) sum += in[i];
    const float mean = sum / static_cast<float>(width);
    float squares = 0;
    for (int i = 0; i < width; ++i) squares += (in[i] - mean) * (in[i] - mean);
    const float inverse = 1.0F / std::sqrt(squares / static_cast<float>(width) + 1e-5F);
    for (int i = 0; i < width; ++i) out[i] = (in[i] - mean) * inverse * (1.0F + scale[i]) + shift[i];
  }
}

void gated_add(float* x, const float* gate, const float* d, int rows, int width) {
  for (int r = 0; r < rows; ++r) {
    const std::ptrdiff_t row = static_cast<std::ptrdiff_t>(r) * width;
    for (int i = 0; i < width; ++i) x[row + i] += gate[i] * d[row + i];
  }
}

void softmax(float* x, int n) {
  if (n <= 0) return;
  const float largest = *std::max_element(x, x + n);
  float sum = 0;
  for (int i = 0; i < n; ++i) {
    x[i] = std::exp(x[i] - largest);
    sum += x[i];
  }
  for (int i = 0; i < n; ++i) x[i] /= sum;
}

void attention(const Attention& a) {
  const int width = a.heads * a.head_width;
  const float scale = 1.0F / std::sqrt(static_cast<float>(a.head_width));
  float* p = a.probabilities;
  for (int query = 0; query < a.queries; ++query) {
    for (int head = 0; head < a.heads; ++head) {
      const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(head) * a.head_width;
      const float* q = a.q + static_cast<std::ptrdiff_t>(query) * a.q_stride + at;
      std::fill(p, p + a.count, 0.0F);
      for (int j = 0; j < a.count; ++j) {
        const float* key = a.keys + static_cast<std::ptrdiff_t>(j / 8 * 8) * width + at * 8 + j % 8;
        for (int d = 0; d < a.head_width; ++d) p[j] += q[d] * key[d * 8];
      }
      for (int j = 0; j < a.count; ++j) p[j] *= scale;
      softmax(p, a.count);
      float* out = a.out + static_cast<std::ptrdiff_t>(query) * width + at;
      std::fill(out, out + a.head_width, 0.0F);
      for (int j = 0; j < a.count; ++j) {
        const float* values = a.values + static_cast<std::ptrdiff_t>(j) * width + at;
        for (int d = 0; d < a.head_width; ++d) out[d] += p[j] * values[d];
      }
    }
  }
}

}  // namespace odordiff::nn::portable
