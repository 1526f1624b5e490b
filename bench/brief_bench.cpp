// How long a brief takes to read, and how long the encoder takes to load. Run: brief_bench MODEL_FOLDER
#include <benchmark/benchmark.h>

#include <cstdio>
#include <string>

#include "scent/brief_encoder.h"

namespace {

using odordiff::scent::BriefEncoder;

std::string folder;

const BriefEncoder& encoder() {
  static const BriefEncoder shared(folder);
  return shared;
}

void encode(benchmark::State& state, const std::string& brief) {
  encoder();
  for (auto _ : state) benchmark::DoNotOptimize(encoder().encode(brief));
  state.SetItemsProcessed(state.iterations());
}

void load(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(BriefEncoder(folder));
}

std::string repeated(const std::string& text, std::size_t bytes) {
  std::string out;
  while (out.size() + text.size() <= bytes) out += text;
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (argc != 2) {
    std::fprintf(stderr, "usage: brief_bench [--benchmark_...] MODEL_FOLDER\n");
    return 2;
  }
  folder = argv[1];
  benchmark::RegisterBenchmark("load", load)->Unit(benchmark::kMillisecond);
  const auto add = [](const char* name, const std::string& brief) {
    benchmark::RegisterBenchmark(name, encode, brief)->Unit(benchmark::kMicrosecond);
  };
  add("a word", "rose");
  add("a line", "fresh-cut grass after rain, a little ozone");
  add("a paragraph",
      "My grandmother's garden after a summer storm: wet earth, tomato leaves, a hint of roses over the "
      "wall. Not too "
      "sweet, no vanilla or musk, but with a smoky note as if somebody burned leaves in the distance.");
  add("1,000 characters of scenes", repeated("old books and worn leather, pipe smoke in the hall. ", 1000));
  add("1,000 characters of misspelt words", repeated("strawbery vanilja ", 1000));
  add("1,000 characters of no words", repeated("qzxrtk ", 1000));
  benchmark::RunSpecifiedBenchmarks();
}
