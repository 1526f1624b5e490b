// How fast the generator's network steps and samples at its real size, with random weights: one pass over ten
// guided sequences on one thread, whole requests through the scheduler, and loading a model.
#include <benchmark/benchmark.h>

#include <map>
#include <memory>

#include "diffusion/scheduler.h"
#include "random_model.h"

namespace {

using namespace odordiff;
using namespace odordiff::diffusion;

const std::filesystem::path& model_folder() {
  static const TemporaryFolder folder;
  static const bool written = [] {
    write_random_model(folder.path(), full_size());
    return true;
  }();
  (void)written;
  return folder.path();
}

std::shared_ptr<const Model> model(nn::Precision precision) {
  static std::map<nn::Precision, std::shared_ptr<const Model>> loaded;
  auto& m = loaded[precision];
  if (m == nullptr) m = std::make_shared<const Model>(model_folder(), precision);
  return m;
}

void load(benchmark::State& state, nn::Precision precision) {
  model_folder();
  for (auto _ : state) benchmark::DoNotOptimize(Model(model_folder(), precision).weight_bytes());
}

// `lanes` lanes with 4 finished and 4 open tokens each, `place` tokens into their sequences.
void step(benchmark::State& state, nn::Precision precision, bool with_finished) {
  const auto m = model(precision);
  const auto lanes_wanted = static_cast<std::size_t>(state.range(0));
  constexpr int kPlace = 16;
  const ConditionState condition = m->condition(std::vector<float>(207, 0.1F));
  const std::vector<chem::TokenId> tokens(32, 2);
  std::vector<std::vector<float>> memory(lanes_wanted, std::vector<float>(m->cache_floats()));
  std::vector<std::vector<float>> logits(lanes_wanted, std::vector<float>(4 * 74));
  std::vector<KeyValueCache> caches(lanes_wanted);
  std::vector<Lane> lanes(lanes_wanted);
  nn::Workspace scratch;
  for (auto _ : state) {
    for (std::size_t i = 0; i < lanes_wanted; ++i) {
      caches[i] = {memory[i].data(), with_finished ? kPlace - 4 : kPlace};
      const std::span<const chem::TokenId> all(tokens);
      lanes[i] = {&condition,
                  &caches[i],
                  32,
                  kPlace,
                  all.subspan(kPlace, 4),
                  with_finished ? all.subspan(kPlace - 4, 4) : all.first(0),
                  logits[i].data()};
    }
    m->step(lanes, scratch);
  }
  state.counters["lanes/s"] =
      benchmark::Counter(static_cast<double>(state.iterations()) * static_cast<double>(lanes_wanted),
                         benchmark::Counter::kIsRate);
}

void sample(benchmark::State& state, nn::Precision precision) {
  Scheduler scheduler(model(precision), {.threads = static_cast<int>(state.range(0))});
  SampleRequest r;
  r.condition.assign(207, 0.1F);
  r.unconditional.assign(207, 0.0F);
  r.guidance = 1;
  r.count = static_cast<int>(state.range(1));
  r.min_length = r.max_length = 24;
  r.use_grammar = false;
  const auto before = scheduler.stats();
  for (auto _ : state) {
    ++r.seed;
    benchmark::DoNotOptimize(scheduler.sample(r));
  }
  const auto after = scheduler.stats();
  const auto sequences = static_cast<double>(after.sequences - before.sequences);
  state.counters["molecules/s"] = benchmark::Counter(sequences, benchmark::Counter::kIsRate);
  state.counters["s/step"] = benchmark::Counter(static_cast<double>(after.steps - before.steps),
                                                benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void add_all() {
  for (const auto precision : {nn::Precision::F32, nn::Precision::BF16, nn::Precision::I8}) {
    const std::string name = nn::to_string(precision);
    benchmark::RegisterBenchmark(("load/" + name).c_str(), load, precision)->Unit(benchmark::kMillisecond);
    for (const bool finished : {true, false}) {
      auto* b = benchmark::RegisterBenchmark(("step/" + name + (finished ? "/4+4" : "/4+0")).c_str(), step,
                                             precision, finished);
      b->Arg(2)->Arg(10)->Arg(20)->Unit(benchmark::kMillisecond);
    }
    benchmark::RegisterBenchmark(("sample/" + name).c_str(), sample, precision)
        ->ArgNames({"threads", "count"})
        ->Args({1, 10})
        ->Args({2, 10})
        ->Args({2, 100})
        ->UseRealTime()
        ->Unit(benchmark::kMillisecond);
  }
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  benchmark::AddCustomContext("cpu path", nn::cpu_description());
  add_all();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
