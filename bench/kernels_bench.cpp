// How fast the linear layers run on one thread: our packed kernels beside oneDNN's, in the same run, over the
// shapes of the generator and the row counts of a step. Each result carries GFLOP/s.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/rng.h"
#include "nn/cpu.h"
#include "nn/linear_backend.h"
#include "onednn_linear.h"

namespace {

using namespace odordiff;  // a program, not a header
using namespace odordiff::nn;

std::vector<float> random_floats(std::size_t n, std::uint64_t seed) {
  Rng rng(seed, 0);
  std::vector<float> values(n);
  for (float& v : values) v = rng.uniform() - 0.5F;
  return values;
}

enum class Backend { Packed, OneDnn, Portable };

std::unique_ptr<LinearBackend> make(Backend backend, const LinearWeights& w) {
  switch (backend) {
    case Backend::Packed:
      return make_packed_linear(w, kernels());
    case Backend::OneDnn:
      return make_onednn_linear(w, kernels());
    case Backend::Portable:
      return make_packed_linear(w, portable_kernels());
  }
  return nullptr;
}

void run(benchmark::State& state, Backend backend, Precision precision, int out, int in) {
  const int rows = static_cast<int>(state.range(0));
  const auto size = [](int n) { return static_cast<std::size_t>(n); };
  const auto weight = random_floats(size(out) * size(in), 1);
  const auto bias = random_floats(size(out), 2);
  const auto x = random_floats(size(rows) * size(in), 3);
  std::vector<float> y(size(rows) * size(out));
  std::unique_ptr<LinearBackend> linear;
  try {
    linear = make(backend, {weight, bias, out, in, precision, Activation::None});
  } catch (const Unavailable& e) {
    state.SkipWithError(e.what());
    return;
  }
  Workspace scratch;
  for (auto _ : state) {
    linear->run(x.data(), y.data(), rows, scratch);
    benchmark::DoNotOptimize(y.data());
    benchmark::ClobberMemory();
  }
  const double flop = 2.0 * rows * out * in * static_cast<double>(state.iterations());
  state.counters["GFLOP/s"] = benchmark::Counter(flop * 1e-9, benchmark::Counter::kIsRate);
}

void add_all() {
  struct Named {
    Backend backend;
    const char* name;
  };
  for (const Precision precision : {Precision::F32, Precision::BF16, Precision::I8}) {
    for (const auto& [out, in] : {std::pair{384, 128}, {128, 128}, {512, 128}, {128, 512}, {74, 128}}) {
      for (const Named& b : {Named{Backend::Packed, "packed"}, Named{Backend::OneDnn, "onednn"},
                             Named{Backend::Portable, "portable"}}) {
        const std::string name = std::string(to_string(precision)) + "/" + std::to_string(out) + "x" +
                                 std::to_string(in) + "/" + b.name;
        auto* bench = benchmark::RegisterBenchmark(name.c_str(), run, b.backend, precision, out, in);
        for (const int rows : {8, 40, 80, 160}) bench->Arg(rows);
        bench->MinTime(0.1);
      }
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  benchmark::AddCustomContext("cpu path", cpu_description());
  add_all();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
