// Continuous batching: sequences of different requests, at different places, share each step; a new request
// joins at the next step, a cancelled one leaves at once, a finished one frees its slots. What a request gets
// depends on the request alone, to the byte: not on its neighbours, nor on the number of threads.
//
// What can wait (base/urgency.h) steps on its own while nothing else is there; beside others only now and
// then.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "diffusion/model.h"

namespace odordiff::diffusion {

struct SampleRequest {
  std::vector<float> condition;      // [cond_inputs]
  std::vector<float> unconditional;  // [cond_inputs]; needed when guidance != 0
  int count = 1;                     // sequences, 1-1024
  std::uint64_t seed = 0;            // sequence k draws from stream first_index + k
  std::uint64_t first_index = 0;
  float temperature = 1.0F;  // > 0
  float guidance = 0.0F;     // logits = (1 + g) conditional - g unconditional; 0: one pass only
  int steps_per_block = 4;   // 1-4 denoising steps for each block of 4 tokens
  bool use_grammar = true;   // forbid tokens that cannot lead to valid SMILES (chem/smiles_grammar.h)
  // Tokens, prefix included; the length distribution is cut to this range and to what a pinned start needs.
  int min_length = 2;
  int max_length = 64;
  // Empty, or [max_length of the model + 1] factors on the length distribution.
  std::vector<float> length_weights;
  // Pinned starts: sequence k begins with prefixes[(first_index + k) % size]. Empty: none.
  std::vector<std::vector<chem::TokenId>> prefixes;
};

struct Sample {
  std::uint64_t index = 0;  // first_index + k
  std::vector<chem::TokenId> tokens;
  bool complete = false;           // the grammar saw a finished string (always true when it is not used)
  float mean_log_probability = 0;  // of the chosen tokens under the tempered, guided distribution
};

struct SchedulerStats {
  std::uint64_t steps = 0, lanes = 0, sequences = 0;
  int active_sequences = 0, waiting_requests = 0;
};

class Scheduler {
 public:
  struct Options {
    int threads = 0;          // 0: one a core
    int max_sequences = 256;  // slots; sequences beyond wait their turn, first come first served
  };
  Scheduler(std::shared_ptr<const Model> model, Options options);
  ~Scheduler();  // cancels what is left and joins

  // Runs `request` and returns its samples in index order. Many threads may call at once: their sequences
  // share steps. `cancel`, if given, is looked at before each step; when set, throws Cancelled. Throws
  // InvalidInput for a bad request.
  std::vector<Sample> sample(const SampleRequest& request, const std::atomic<bool>* cancel = nullptr);

  SchedulerStats stats() const;
  const Model& model() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace odordiff::diffusion
