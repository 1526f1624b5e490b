// The work by which the generator's network is measured against other runtimes: one guided request, the
// passes that its samples take, and our own times for it. libtorch_bench and onnxruntime_bench.py do the same
// work on the same weights.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "diffusion/scheduler.h"

namespace odordiff::bench {

struct NetworkWork {
  diffusion::SampleRequest request;                   // guidance 1, one token chosen in each pass
  std::vector<std::vector<chem::TokenId>> sequences;  // what the request gives at fp32, longest first
};

// A request for `count` raw samples. Conditions are those of a green, woody, not sweet brief.
NetworkWork make_network_work(const std::filesystem::path& model_folder, int count);

// The pass that chooses the token at `position` of the first `sequences` sequences; the others have ended
// before.
struct Pass {
  int position = 0;
  int block_start = 0;
  int sequences = 0;
  bool with_finished = false;  // also takes in the finished block before
};
std::vector<Pass> passes(const NetworkWork& work, int block);

// Our engine at one precision and number of threads.
class Ours {
 public:
  Ours(const std::filesystem::path& model_folder, nn::Precision precision, int threads);
  ~Ours();

  const diffusion::Model& model() const;
  // Runs the request as it is served: sampling, grammar and all.
  void generate(const NetworkWork& work);
  // One pass over `sequences` pairs of lanes, conditional and unconditional, with 16 tokens before the open
  // block of four; `with_finished`: the last four of the 16 are taken in by this pass. All logits are made.
  void step(const NetworkWork& work, int sequences, bool with_finished);
  // Logits of every pass: [sequences][conditional, unconditional][block, vocab], zeros beyond a sequence's
  // end.
  std::vector<std::vector<float>> logits(const NetworkWork& work);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

inline constexpr int kStepTokensBefore = 16;
inline constexpr int kStepLength = 32;

// Seconds of processor time of the whole process, and of the clock on the wall.
double cpu_seconds();
double wall_seconds();
double median(std::vector<double> values);

// Median seconds of `run` on each of `contestants` in turn, `rounds` times after one to warm up: processor
// time for one thread, which neighbours on the machine disturb little, else wall time.
template <class Run>
std::vector<double> in_turn(int contestants, int rounds, int threads, Run run) {
  const auto now = threads == 1 ? cpu_seconds : wall_seconds;
  std::vector<std::vector<double>> times(static_cast<std::size_t>(contestants));
  for (int round = -1; round < rounds; ++round) {
    for (int c = 0; c < contestants; ++c) {
      const double began = now();
      run(c);
      if (round >= 0) times[static_cast<std::size_t>(c)].push_back(now() - began);
    }
  }
  std::vector<double> out;
  for (auto& t : times) out.push_back(median(std::move(t)));
  return out;
}

}  // namespace odordiff::bench
