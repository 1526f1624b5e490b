// Linear layers: right to a stated tolerance in each precision, and the same bits for a row wherever it
// stands.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <thread>

#include "base/error.h"
#include "nn/cpu.h"
#include "nn/linear_backend.h"
#include "nn/quantise.h"
#include "random_values.h"

namespace odordiff::nn {
namespace {

struct Shape {
  int out, in;
};
// Those of the generator, and odd ones: not whole panels, odd K, one output, one input.
const Shape kShapes[] = {{576, 192}, {192, 192}, {768, 192}, {192, 768},
                         {74, 192},  {65, 33},   {1, 7},     {17, 1}};

double activated(double x, Activation activation) {
  switch (activation) {
    case Activation::None:
      return x;
    case Activation::Gelu:
      return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
    case Activation::Silu:
      return x / (1 + std::exp(-x));
    case Activation::Relu:
      return std::max(x, 0.0);
  }
  return x;
}

std::vector<double> reference(std::span<const float> x, const LinearWeights& w, int rows) {
  std::vector<double> y(size(rows) * size(w.out));
  for (int r = 0; r < rows; ++r) {
    for (int o = 0; o < w.out; ++o) {
      double sum = w.bias.empty() ? 0.0 : static_cast<double>(w.bias[size(o)]);
      for (int k = 0; k < w.in; ++k) {
        sum += static_cast<double>(x[size(r) * size(w.in) + size(k)]) *
               static_cast<double>(w.weight[size(o) * size(w.in) + size(k)]);
      }
      y[size(r) * size(w.out) + size(o)] = activated(sum, w.activation);
    }
  }
  return y;
}

// Every backend that this machine can run.
struct Backend {
  const char* name;
  std::function<std::unique_ptr<LinearBackend>(const LinearWeights&)> make;
};
std::vector<Backend> backends() {
  std::vector<Backend> all;
  all.push_back(
      {"portable", [](const LinearWeights& w) { return make_packed_linear(w, portable_kernels()); }});
  if (detect_cpu().avx2_fma) {
    all.push_back({"avx2", [](const LinearWeights& w) { return make_packed_linear(w, avx2_kernels()); }});
  }
  if (detect_cpu().avx512) {
    all.push_back({"avx512", [](const LinearWeights& w) { return make_packed_linear(w, avx512_kernels()); }});
  }
  return all;
}

// For sums of `in` products of numbers up to 1: rounding of fp32 sums, of bf16 operands, of int8 operands;
// about five standard deviations.
double tolerance(Precision precision, int in) {
  const double one = precision == Precision::F32 ? 2e-6 : precision == Precision::BF16 ? 3e-3 : 1e-2;
  return one * (1 + std::sqrt(in));
}

class LinearIn : public testing::TestWithParam<Precision> {};

TEST_P(LinearIn, AgreesWithADoubleReference) {
  for (const Backend& backend : backends()) {
    for (const auto& [out, in] : kShapes) {
      for (const Activation activation :
           {Activation::None, Activation::Gelu, Activation::Silu, Activation::Relu}) {
        constexpr int kRows = 23;
        const auto weight = random_values(size(out) * size(in), 1);
        const auto bias = random_values(size(out), 2);
        const auto x = random_values(size(kRows) * size(in), 3);
        const LinearWeights w{weight, bias, out, in, GetParam(), activation};
        std::vector<float> y(size(kRows) * size(out), NAN);
        Workspace scratch;
        backend.make(w)->run(x.data(), y.data(), kRows, scratch);
        const auto expected = reference(x, w, kRows);
        const double allowed = tolerance(GetParam(), in);
        for (std::size_t i = 0; i < y.size(); ++i) {
          ASSERT_NEAR(y[i], expected[i], allowed) << backend.name << " " << out << "x" << in << " at " << i;
        }
      }
    }
  }
}

TEST_P(LinearIn, GivesARowTheSameBitsInEveryBatchAndPlace) {
  constexpr int kRows = 130;
  for (const Backend& backend : backends()) {
    for (const auto& [out, in] : kShapes) {
      const auto weight = random_values(size(out) * size(in), 1);
      const auto bias = random_values(size(out), 2);
      const auto x = random_values(size(kRows) * size(in), 3);
      const auto linear = backend.make({weight, bias, out, in, GetParam(), Activation::Gelu});
      Workspace scratch;
      const std::size_t row = size(out);
      std::vector<float> alone(size(kRows) * row);
      for (int r = 0; r < kRows; ++r) {
        linear->run(x.data() + size(r) * size(in), alone.data() + size(r) * row, 1, scratch);
      }
      // Every count for the smaller shapes, every count up to four tiles and some above for the larger ones.
      const int stride = out * in > 40000 ? 17 : 1;
      for (int rows = 1; rows <= kRows; rows += rows < 26 ? 1 : stride) {
        // The last `rows` rows, so that every row meets every place.
        const std::size_t first = size(kRows - rows);
        std::vector<float> y(size(rows) * row, NAN);
        linear->run(x.data() + first * size(in), y.data(), rows, scratch);
        ASSERT_EQ(std::memcmp(y.data(), alone.data() + first * row, y.size() * sizeof(float)), 0)
            << backend.name << " " << out << "x" << in << " with " << rows << " rows";
      }
    }
  }
}

TEST_P(LinearIn, HasTheSameBitsOnAvx2AndAvx512) {
  if (!detect_cpu().avx512) GTEST_SKIP() << "this CPU has no AVX-512";
  for (const auto& [out, in] : kShapes) {
    for (const int rows : {1, 8, 23}) {
      const auto weight = random_values(size(out) * size(in), 1);
      const auto bias = random_values(size(out), 2);
      const auto x = random_values(size(rows) * size(in), 3);
      const LinearWeights w{weight, bias, out, in, GetParam(), Activation::Gelu};
      std::vector<float> narrow(size(rows) * size(out)), wide(narrow.size());
      Workspace scratch;
      make_packed_linear(w, avx2_kernels())->run(x.data(), narrow.data(), rows, scratch);
      make_packed_linear(w, avx512_kernels())->run(x.data(), wide.data(), rows, scratch);
      EXPECT_EQ(narrow, wide) << out << "x" << in << " with " << rows << " rows";
    }
  }
}

TEST_P(LinearIn, TouchesNothingBesideItsRows) {
  for (const Backend& backend : backends()) {
    for (const auto& [out, in] : kShapes) {
      const auto weight = random_values(size(out) * size(in), 1);
      const auto x = random_values(size(5) * size(in), 3);
      std::vector<float> y(size(5) * size(out) + 32, 42.0F);
      Workspace scratch;
      backend.make({weight, {}, out, in, GetParam(), Activation::None})
          ->run(x.data(), y.data() + 16, 5, scratch);
      for (std::size_t i = 0; i < 16; ++i) {
        ASSERT_EQ(y[i], 42.0F) << backend.name;
        ASSERT_EQ(y[y.size() - 1 - i], 42.0F) << backend.name;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(EachPrecision, LinearIn,
                         testing::Values(Precision::F32, Precision::BF16, Precision::I8),
                         [](const auto& test) { return std::string(to_string(test.param)); });

TEST(Linear, Int8IsExactArithmeticOnTheRoundedNumbers) {
  for (const Backend& backend : backends()) {
    constexpr int kOut = 74;
    constexpr int kIn = 768;
    constexpr int kRows = 9;
    // Extremes too: rows of ±127 only, which would overflow 16-bit sums.
    auto weight = random_values(size(kOut) * size(kIn), 1);
    auto x = random_values(size(kRows) * size(kIn), 3);
    for (int k = 0; k < kIn; ++k) {
      weight[size(k)] = -1.0F;
      x[size(k)] = 1.0F;
    }
    std::vector<float> y(size(kRows) * size(kOut));
    Workspace scratch;
    backend.make({weight, {}, kOut, kIn, Precision::I8, Activation::None})
        ->run(x.data(), y.data(), kRows, scratch);
    std::vector<std::int8_t> qx(size(kIn));
    std::vector<std::int8_t> qw(size(kIn));
    for (int r = 0; r < kRows; ++r) {
      const float sx = quantise_row(std::span(x).subspan(size(r) * size(kIn), size(kIn)), qx.data());
      for (int o = 0; o < kOut; ++o) {
        const float sw = quantise_row(std::span(weight).subspan(size(o) * size(kIn), size(kIn)), qw.data());
        std::int32_t sum = 0;
        for (int k = 0; k < kIn; ++k) sum += qx[size(k)] * qw[size(k)];
        ASSERT_EQ(y[size(r) * size(kOut) + size(o)], static_cast<float>(sum) * (sx * sw))
            << backend.name << " row " << r << " output " << o;
      }
    }
  }
}

TEST(Linear, ARowOfZerosGivesTheBiasInInt8) {
  const auto weight = random_values(size(20) * 8, 1);
  const auto bias = random_values(20, 2);
  const Linear linear(weight, bias, 20, 8, Precision::I8);
  const std::vector<float> x(8, 0.0F);
  std::vector<float> y(20);
  Workspace scratch;
  linear(x.data(), y.data(), 1, scratch);
  EXPECT_EQ(y, bias);
}

TEST(Linear, LowerPrecisionTakesLessMemory) {
  const auto weight = random_values(size(576) * 192, 1);
  const auto bias = random_values(576, 2);
  const auto bytes = [&](Precision p) { return Linear(weight, bias, 576, 192, p).weight_bytes(); };
  EXPECT_GE(bytes(Precision::F32), 576U * 192U * 4U);
  EXPECT_GE(static_cast<double>(bytes(Precision::F32)) / static_cast<double>(bytes(Precision::BF16)), 1.9);
  EXPECT_GE(static_cast<double>(bytes(Precision::F32)) / static_cast<double>(bytes(Precision::I8)), 3.5);
}

TEST(Linear, IsSharedByThreads) {
  const auto weight = random_values(size(576) * 192, 1);
  const auto x = random_values(size(40) * 192, 3);
  const Linear linear(weight, {}, 576, 192, Precision::F32, Activation::Silu);
  std::vector<std::vector<float>> y(4, std::vector<float>(size(40) * 576));
  std::vector<std::thread> threads;
  for (auto& mine : y) {
    threads.emplace_back([&] {
      Workspace scratch;
      for (int i = 0; i < 20; ++i) linear(x.data(), mine.data(), 40, scratch);
    });
  }
  for (auto& t : threads) t.join();
  for (const auto& mine : y) EXPECT_EQ(mine, y[0]);
}

TEST(Linear, RefusesWeightsOfAnotherShape) {
  const auto weight = random_values(12, 1);
  EXPECT_THROW(Linear(weight, {}, 5, 3, Precision::F32), Internal);
  EXPECT_THROW(Linear(weight, weight, 4, 3, Precision::F32), Internal);
}

TEST(Precision, IsNamedAsUsersWriteIt) {
  for (const char* name : {"fp32", "bf16", "int8"}) EXPECT_STREQ(to_string(parse_precision(name)), name);
  EXPECT_THROW(parse_precision("fp16"), InvalidInput);
}

TEST(Bf16, RoundsToNearestEven) {
  EXPECT_EQ(from_bf16(to_bf16(1.0F)), 1.0F);
  EXPECT_EQ(from_bf16(to_bf16(1.0F + 0x1p-8F)), 1.0F);                // halfway: to even
  EXPECT_EQ(from_bf16(to_bf16(1.0F + 3 * 0x1p-8F)), 1.0F + 0x1p-6F);  // halfway: to even
  EXPECT_EQ(from_bf16(to_bf16(1.0F + 0x1.2p-8F)), 1.0F + 0x1p-7F);
  EXPECT_TRUE(std::isnan(from_bf16(to_bf16(NAN))));
  EXPECT_TRUE(std::isinf(from_bf16(to_bf16(3.4e38F))));
}

}  // namespace
}  // namespace odordiff::nn
