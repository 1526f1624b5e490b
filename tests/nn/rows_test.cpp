// Norms, softmax, activations, attention and embeddings against double references, on every table of kernels
// that this machine can run.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "base/error.h"
#include "nn/cpu.h"
#include "nn/embedding.h"
#include "nn/kernel_table.h"
#include "random_values.h"

namespace odordiff::nn {
namespace {

std::vector<const Kernels*> tables() {
  std::vector<const Kernels*> all = {&portable_kernels()};
  if (detect_cpu().avx2_fma) all.push_back(&avx2_kernels());
  return all;
}

TEST(ModulatedNorm, AgreesWithADoubleReference) {
  for (const Kernels* table : tables()) {
    for (const int width : {1, 7, 8, 24, 192, 255}) {
      constexpr int kRows = 3;
      auto x = random_values(size(kRows) * size(width), 1);
      for (float& v : x) v = 3 * v + 2;
      const auto shift = random_values(size(width), 2);
      const auto scale = random_values(size(width), 3);
      std::vector<float> y(x.size());
      table->modulated_norm(x.data(), shift.data(), scale.data(), y.data(), kRows, width);
      for (int r = 0; r < kRows; ++r) {
        const float* row = x.data() + size(r) * size(width);
        double mean = 0;
        double variance = 0;
        for (int i = 0; i < width; ++i) mean += static_cast<double>(row[i]) / width;
        for (int i = 0; i < width; ++i) variance += std::pow(static_cast<double>(row[i]) - mean, 2) / width;
        for (int i = 0; i < width; ++i) {
          const double expected = (static_cast<double>(row[i]) - mean) / std::sqrt(variance + 1e-5) *
                                      (1 + static_cast<double>(scale[size(i)])) +
                                  static_cast<double>(shift[size(i)]);
          ASSERT_NEAR(y[size(r) * size(width) + size(i)], expected, 5e-5) << "width " << width;
        }
      }
    }
  }
}

TEST(GatedAdd, AddsTheGatedRows) {
  for (const Kernels* table : tables()) {
    for (const int width : {3, 8, 20, 192}) {
      auto x = random_values(size(2 * width), 1);
      const auto before = x;
      const auto gate = random_values(size(width), 2);
      const auto d = random_values(size(2 * width), 3);
      table->gated_add(x.data(), gate.data(), d.data(), 2, width);
      for (std::size_t i = 0; i < x.size(); ++i) {
        ASSERT_NEAR(x[i], before[i] + gate[i % size(width)] * d[i], 1e-6);
      }
    }
  }
}

TEST(Softmax, SumsToOneAndStandsLargeNumbers) {
  for (const Kernels* table : tables()) {
    for (int n = 1; n <= 70; ++n) {
      auto x = random_values(size(n), static_cast<std::uint64_t>(n));
      for (float& v : x) v = 1000 + 20 * v;
      std::vector<double> expected;
      double sum = 0;
      for (const float v : x) sum += expected.emplace_back(std::exp(static_cast<double>(v) - 1000));
      table->softmax(x.data(), n);
      for (int i = 0; i < n; ++i) ASSERT_NEAR(x[size(i)], expected[size(i)] / sum, 1e-6) << n;
    }
  }
}

TEST(Activations, AreAccurateOverTheWholeRange) {
  for (const Kernels* table : tables()) {
    for (const Activation activation : {Activation::Gelu, Activation::Silu}) {
      std::vector<float> x;
      for (float v = -60; v <= 60; v += 0.037F) x.push_back(v);
      std::vector<float> y = x;
      const std::vector<float> bias(x.size() + 16, 0.0F);
      const WriteOut to{y.data(), static_cast<int>(x.size()), bias.data(), activation};
      table->finish_f32(1, to);
      for (std::size_t i = 0; i < x.size(); ++i) {
        const double v = x[i];
        const double z =
            activation == Activation::Silu ? v : 2 * std::sqrt(2 / M_PI) * (v + 0.044715 * v * v * v);
        const double expected = v / (1 + std::exp(-z));
        ASSERT_NEAR(y[i], expected, 1e-7 + 4e-6 * std::fabs(expected)) << "at " << v;
      }
    }
  }
}

struct AttentionCase {
  int queries, count, heads, head_width;
};

TEST(Attention, AgreesWithADoubleReferenceAndTouchesOnlyItsRows) {
  for (const Kernels* table : tables()) {
    for (const AttentionCase& c : {AttentionCase{4, 8, 6, 32},
                                   {4, 64, 6, 32},
                                   {1, 1, 1, 8},
                                   {3, 13, 2, 24},
                                   {2, 63, 4, 16},
                                   {5, 21, 3, 8}}) {
      const int width = c.heads * c.head_width;
      const int stride = 3 * width;
      constexpr int kKeyRoom = 64;
      const auto q = random_values(size(c.queries) * size(stride), 1);
      const auto keys = random_values(size(width) * kKeyRoom, 2);
      const auto values = random_values(kKeyRoom * size(width), 3);
      std::vector<float> out(size(c.queries + 1) * size(width), 42.0F);
      std::vector<float> probabilities(4 * kKeyRoom);
      table->attention({q.data(), stride, c.queries, keys.data(), kKeyRoom, values.data(), c.count, c.heads,
                        c.head_width, out.data(), probabilities.data()});
      for (int i = 0; i < c.queries; ++i) {
        for (int h = 0; h < c.heads; ++h) {
          std::vector<double> p;
          double sum = 0;
          for (int j = 0; j < c.count; ++j) {
            double dot = 0;
            for (int d = 0; d < c.head_width; ++d) {
              const std::size_t at = size(h * c.head_width + d);
              dot += static_cast<double>(q[size(i * stride) + at]) *
                     static_cast<double>(keys[size(j / 8 * 8 * width) + at * 8 + size(j % 8)]);
            }
            sum += p.emplace_back(std::exp(dot / std::sqrt(c.head_width)));
          }
          for (int d = 0; d < c.head_width; ++d) {
            double expected = 0;
            for (int j = 0; j < c.count; ++j) {
              expected +=
                  p[size(j)] / sum * static_cast<double>(values[size(j * width + h * c.head_width + d)]);
            }
            ASSERT_NEAR(out[size(i * width + h * c.head_width + d)], expected, 3e-6);
          }
        }
      }
      for (int d = 0; d < width; ++d) ASSERT_EQ(out[size(c.queries * width + d)], 42.0F);
    }
  }
}

TEST(Attention, GivesAQueryTheSameBitsWhateverStandsBesideIt) {
  for (const Kernels* table : tables()) {
    constexpr int kWidth = 64;
    constexpr int kKeyRoom = 64;
    const auto q = random_values(5 * kWidth, 1);
    const auto keys = random_values(kWidth * kKeyRoom, 2);
    const auto values = random_values(kKeyRoom * kWidth, 3);
    std::vector<float> probabilities(4 * kKeyRoom);
    const auto run = [&](int first, int queries) {
      std::vector<float> out(size(queries) * kWidth);
      table->attention({q.data() + first * kWidth, kWidth, queries, keys.data(), kKeyRoom, values.data(), 37,
                        2, 32, out.data(), probabilities.data()});
      return out;
    };
    const auto all = run(0, 5);
    for (int i = 0; i < 5; ++i) {
      for (int n = 1; i + n <= 5; ++n) {
        const auto some = run(i, n);
        ASSERT_EQ(std::memcmp(some.data(), all.data() + i * kWidth, some.size() * sizeof(float)), 0);
      }
    }
  }
}

TEST(Quantise, IsTheSameOnEveryTable) {
  for (const int width : {1, 8, 31, 192}) {
    const int padded = width + width % 2;
    const auto x = random_values(size(3 * width), 5);
    std::vector<std::int16_t> first;
    for (const Kernels* table : tables()) {
      std::vector<std::int16_t> q(size(3 * padded), 99);
      std::vector<float> scale(3);
      table->quantise(x.data(), 3, width, padded, q.data(), scale.data());
      for (int r = 0; r < 3; ++r) {
        for (int i = 0; i < padded; ++i) {
          const float v = i < width ? x[size(r * width + i)] : 0.0F;
          ASSERT_NEAR(static_cast<float>(q[size(r * padded + i)]) * scale[size(r)], v,
                      scale[size(r)] * 0.501F);
        }
      }
      if (first.empty()) first = q;
      EXPECT_EQ(q, first);
    }
  }
}

TEST(Embedding, AddsItsRowInEachPrecision) {
  const auto table = random_values(5 * 24, 1);
  for (const auto& [precision, tolerance] :
       {std::pair{Precision::F32, 0.0F}, {Precision::BF16, 0.004F}, {Precision::I8, 0.004F}}) {
    const Embedding embedding(table, 5, 24, precision);
    std::vector<float> y(24, 1.0F);
    embedding.add(3, y.data());
    for (std::size_t i = 0; i < 24; ++i) EXPECT_NEAR(y[i], 1.0F + table[3 * 24 + i], tolerance + 1e-7F);
  }
}

TEST(Workspace, KeepsItsMemoryAndAlignsIt) {
  Workspace scratch;
  void* first = scratch.get(2, 1000);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(first) % 64, 0U);
  EXPECT_EQ(scratch.get(2, 500), first);
  EXPECT_NE(scratch.get(3, 500), first);
  std::memset(scratch.get(2, 100000), 1, 100000);
  EXPECT_THROW(scratch.get(8, 1), Internal);
}

}  // namespace
}  // namespace odordiff::nn
