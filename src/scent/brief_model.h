// What was learned from the experts' texts: how strongly each term of a brief speaks for each descriptor.
// Made by train/train_brief.cpp.
//
//     logit[d] = bias[d] + length[d] · log(1 + n) + n^-power · Σ emphasis · row[d]
//     row = hint · spread + vector · map + residual
//
// over the n wanted terms.
// `hint` is the term's descriptor profile (the lexicon's, or for other words one guessed from the nearest
// lexicon words), `vector` its word vector, `residual` its own deviation if the texts have it often enough.
// Rows of lexicon entries are stored ready. Tensors of brief.safetensors, W words of words.txt, E entries of
// lexicon.tsv, R words with a residual:
//
//     model.bias, model.length [138], model.power [1], model.spread [138, 138], model.map [64, 138] fp32
//     lexicon.rows [E, 138] int8, lexicon.scale [E] fp32
//     words.vectors [W, 64] int8, words.scale [W], words.weight [W] fp32 (word_vectors.h)
//     words.hint_index, words.hint_weight [W, 4] int8
//     words.learned [R] int64, words.residual [R, 138] int8, words.residual_scale [R] fp32
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "nn/safetensors.h"
#include "scent/descriptors.h"
#include "scent/lexicon.h"
#include "scent/word_vectors.h"

namespace odordiff::scent {

inline constexpr std::size_t kHints = 4;  // descriptors kept of a guessed profile
inline constexpr int kHintOffset = 64;    // a descriptor index i is stored as i - kHintOffset in 8 bits
inline constexpr float kHintScale = 1.0F / 127;

class BriefModel {
 public:
  // All three outlive this. Throws Unavailable when the file does not fit the lexicon or the words.
  BriefModel(const nn::SafeTensors& file, const Lexicon& lexicon, const WordVectors& vectors);

  DescriptorVector entry_row(std::size_t entry) const;
  DescriptorVector word_row(std::size_t word) const;
  // Whether the texts said enough about the word for a residual of its own.
  bool was_learned(std::size_t word) const { return residual_of(word).has_value(); }
  // The guessed profile, strongest first; empty when nothing near is known.
  std::vector<std::pair<std::size_t, float>> hints(std::size_t word) const;

  // The logits' part that no term gives, for `terms` wanted terms.
  DescriptorVector base(std::size_t terms) const;
  float share(std::size_t terms) const;  // n^-power

 private:
  std::optional<std::size_t> residual_of(std::size_t word) const;

  const WordVectors& vectors_;
  std::span<const float> bias_, length_, spread_, map_;  // [138], [138], [138, 138], [64, 138]
  float power_ = 0;
  std::span<const std::int8_t> entry_rows_, residuals_;  // [entries, 138], [learned words, 138]
  std::span<const float> entry_scales_, residual_scales_;
  std::span<const std::int64_t> learned_;                     // sorted word indices
  std::span<const std::int8_t> hint_indices_, hint_weights_;  // [words, kHints]
};

}  // namespace odordiff::scent
