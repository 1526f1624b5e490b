// Whole requests in process: load time, one request after another, and many at once, with latencies and the
// processor time that each request costs. Prints Markdown. Run: requests_bench [MODEL_FOLDER [PRECISION
// [THREADS]]]
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "generate/pipeline.h"

namespace {

using namespace odordiff;
using Clock = std::chrono::steady_clock;

double ms_since(Clock::time_point t) {
  return std::chrono::duration<double, std::milli>(Clock::now() - t).count();
}

double quantile(std::vector<double> v, double q) {
  std::sort(v.begin(), v.end());
  return v[static_cast<std::size_t>(q * static_cast<double>(v.size() - 1))];
}

generate::Request request(int k) {
  static const std::vector<std::string> words = {"fresh-cut grass after rain, a little ozone",
                                                 "warm amber and old books",
                                                 "ripe peach and apricot",
                                                 "smoky leather, tobacco",
                                                 "lily of the valley",
                                                 "roasted coffee, dark chocolate",
                                                 "lemon peel and ginger",
                                                 "creamy sandalwood"};
  generate::Request r;
  r.brief = words[static_cast<std::size_t>(k) % words.size()];
  r.count = 5;
  r.seed = static_cast<std::uint64_t>(k);
  return r;
}

long resident_kb() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmHWM:", 0) == 0) return std::atol(line.c_str() + 6);
  }
  return 0;
}

struct Run {
  double seconds = 0;
  double cpu_ms = 0;  // for each request, over all threads
  std::size_t molecules = 0;
  std::vector<double> latency;
};

Run run(const generate::Pipeline& pipeline, int requests, int at_once) {
  Run out;
  out.latency.resize(static_cast<std::size_t>(requests));
  std::atomic<int> next{0};
  std::atomic<std::size_t> molecules{0};
  const auto started = Clock::now();
  const auto cpu_started = std::clock();
  std::vector<std::thread> threads;
  for (int t = 0; t < at_once; ++t) {
    threads.emplace_back([&] {
      for (int k = next++; k < requests; k = next++) {
        const auto begun = Clock::now();
        molecules += pipeline.generate(request(k)).molecules.size();
        out.latency[static_cast<std::size_t>(k)] = ms_since(begun);
      }
    });
  }
  for (auto& t : threads) t.join();
  out.seconds = ms_since(started) / 1000;
  out.cpu_ms = static_cast<double>(std::clock() - cpu_started) * 1000 / CLOCKS_PER_SEC / requests;
  out.molecules = molecules;
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  const std::string folder = argc > 1 ? argv[1] : ODORDIFF_MODEL_FOLDER;
  const auto precision = nn::parse_precision(argc > 2 ? argv[2] : "fp32");
  const int threads = argc > 3 ? std::atoi(argv[3]) : 0;
  auto t = Clock::now();
  const generate::Pipeline pipeline({.model_folder = folder, .precision = precision, .threads = threads});
  std::printf("load %.1f ms\n", ms_since(t));
  t = Clock::now();
  const auto first = pipeline.generate(request(0));
  std::printf("first request (cold) %.1f ms: encode %.2f, sample %.1f, score %.1f; peak resident %ld MB\n",
              ms_since(t), first.timing.encode_ms, first.timing.sample_ms, first.timing.score_ms,
              resident_kb() / 1024);
  std::printf(
      "\n| at once | molecules/s | against 1 | p50 ms | p95 ms | p99 ms | processor ms a request "
      "|\n|---|---|---|---|---|---|---|\n");
  double alone = 0;
  for (const int at_once : {1, 4, 16, 64}) {
    std::vector<Run> runs;
    for (int k = 0; k < 3; ++k) runs.push_back(run(pipeline, 64, at_once));
    std::sort(runs.begin(), runs.end(), [](const Run& a, const Run& b) { return a.seconds < b.seconds; });
    const Run& median = runs[1];
    const double rate = static_cast<double>(median.molecules) / median.seconds;
    if (at_once == 1) alone = rate;
    std::printf("| %d | %.0f | %.2f | %.1f | %.1f | %.1f | %.1f |\n", at_once, rate, rate / alone,
                quantile(median.latency, 0.5), quantile(median.latency, 0.95), quantile(median.latency, 0.99),
                median.cpu_ms);
  }
  std::printf("\npeak resident after all %ld MB\n", resident_kb() / 1024);
  return 0;
}
