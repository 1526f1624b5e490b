// The learning of the brief model: guesses a descriptor profile for every word of the vocabulary, then fits
// the additive model to the experts' texts.
#pragma once

#include <torch/torch.h>

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/rng.h"
#include "scent/brief_reader.h"

namespace odordiff::train {

struct MacroAuroc {
  double mean = 0;
  int descriptors = 0;
};
// Over the descriptors that at least `least` rows carry. Both [rows, descriptors].
MacroAuroc macro_auroc(const torch::Tensor& scores, const torch::Tensor& labels, int least = 3);

class BriefLearner {
 public:
  // `words` are the tensors that distill_words made. Lexicon and vectors outlive this.
  BriefLearner(const scent::Lexicon& lexicon, const scent::WordVectors& vectors,
               const std::map<std::string, torch::Tensor>& words);

  // A profile for each word from those of the one-word lexicon entries near it (kernel ridge regression).
  void guess_profiles();

  void read(const std::vector<std::string>& texts, const std::vector<std::string>& smiles,
            const torch::Tensor& labels);

  // The tensors of scent/brief_model.h.
  std::map<std::string, torch::Tensor> learn();

 private:
  // A bag of terms and what it should give.
  struct Example {
    std::vector<std::int64_t> units;
    std::vector<float> emphasis;
    std::int64_t row = 0;  // of targets_
    bool held = false;     // decides when to stop
  };
  struct Fit {
    torch::Tensor bias, length, spread, map, power, residual;
    double auroc = 0;
    int epoch = 0;
  };

  std::int64_t unit_of_word(std::size_t word);
  void add_lexicon_examples();
  void build_units();
  // Rows of these units; `kept` says of each residual whether it counts.
  torch::Tensor rows(const Fit& fit, const torch::Tensor& units, const torch::Tensor& kept) const;
  // `random` leaves out terms and residuals; null: none.
  torch::Tensor logits(const Fit& fit, const std::vector<std::size_t>& batch, Rng* random) const;
  torch::Tensor targets_of(const std::vector<std::size_t>& batch) const;
  torch::Tensor loss_of(const Fit& fit, const std::vector<std::size_t>& batch, Rng& rng) const;
  // Stops at `last_epoch` of the schedule; with `held` examples gives the best epoch on them.
  Fit fit(const std::vector<std::size_t>& learned, const std::vector<std::size_t>& held, int last_epoch);

  const scent::Lexicon& lexicon_;
  const scent::WordVectors& vectors_;
  torch::Tensor word_vectors_;                          // [words, 64]
  torch::Tensor hints_;                                 // [words, 138]
  std::vector<std::size_t> words_of_units_;             // after the lexicon's units
  std::unordered_map<std::size_t, std::int64_t> unit_;  // by word
  std::vector<Example> examples_;
  torch::Tensor targets_;
  torch::Tensor profiles_, unit_vectors_;  // [units, 138], [units, 64]
  torch::Tensor learnable_;                // units with a residual
  torch::Tensor residual_of_;              // by unit: the residual's row; one past the last: none
};

}  // namespace odordiff::train
