// One molecule being written: its tokens so far, its caches, its random numbers. The scheduler keeps a pool
// of them; a sequence is started for one sample after another.
#pragma once

#include <span>
#include <vector>

#include "base/rng.h"
#include "chem/smiles_grammar.h"
#include "diffusion/model.h"
#include "diffusion/request.h"

namespace odordiff::diffusion {

class Sequence {
 public:
  explicit Sequence(const Model& model);
  Sequence(const Sequence&) = delete;
  Sequence& operator=(const Sequence&) = delete;

  // Begins the k-th sample of `job`: draws its length, reads its pinned start.
  void start(Job& job, int k);
  Job& job() const { return *job_; }

  // Lanes and rows of the next step. Writes 1 or 2 lanes to `out`; they point into this sequence.
  int lanes() const { return job_->guided ? 2 : 1; }
  int rows() const;
  void fill(Lane* out);
  // After the step: chooses tokens from the logits. True when the sequence has ended.
  bool advance();
  // Writes the sample to its place in the job's results.
  void publish() const;

 private:
  int draw_length(std::span<const chem::TokenId> prefix);
  // A length in [from, max_length], or -1 when the request's weights leave none.
  int draw_length_from(int from);
  void begin_block(int start);
  // False when no token may follow.
  bool choose(int position);
  int pending() const { return block_start_ - caches_[0].tokens; }
  // Tokens that the next advance() chooses.
  int next_choices() const;
  // Only finished blocks of a pinned start, no open one yet.
  bool feeding() const { return pending() > config_.block; }

  const ModelConfig& config_;
  std::size_t cache_floats_;
  Job* job_ = nullptr;
  int k_ = 0;
  Rng rng_{0, 0};
  chem::SmilesGrammar grammar_{0};
  std::vector<chem::TokenId> tokens_;  // [max_length], kMask from `written_` on
  int length_ = 0;
  int written_ = 0;
  int block_start_ = 0, block_end_ = 0;
  int steps_left_ = 0;
  double log_probability_ = 0;
  int chosen_ = 0;
  std::vector<float> memory_[2];  // conditional, unconditional (made when first needed)
  KeyValueCache caches_[2];
  std::vector<float> logits_[2];  // [block, vocab]
};

}  // namespace odordiff::diffusion
