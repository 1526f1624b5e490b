// The choice of kernels: the best that the CPU has, or the one that the user forces.
#include "nn/cpu.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "nn/kernels.h"

namespace odordiff::nn {
namespace {

TEST(Cpu, TakesTheBestPathThatTheCpuHas) {
  EXPECT_EQ(choose_cpu_path("", {}), CpuPath::Baseline);
  EXPECT_EQ(choose_cpu_path("", {.avx2_fma = true}), CpuPath::Avx2);
  EXPECT_EQ(choose_cpu_path("", {.avx2_fma = true, .avx512 = true}), CpuPath::Avx512);
}

TEST(Cpu, CanBeForcedToALowerPathButNotToAHigherOne) {
  const CpuFeatures avx2{.avx2_fma = true};
  EXPECT_EQ(choose_cpu_path("baseline", avx2), CpuPath::Baseline);
  EXPECT_EQ(choose_cpu_path("avx2", avx2), CpuPath::Avx2);
  EXPECT_THROW(choose_cpu_path("avx512", avx2), InvalidInput);
  EXPECT_THROW(choose_cpu_path("sse9", avx2), InvalidInput);
}

TEST(Cpu, DescribesItself) {
  EXPECT_NE(cpu_description().find(to_string(cpu_path())), std::string::npos);
}

}  // namespace
}  // namespace odordiff::nn
