// The open vocabulary: some 25,000 English words as 64 numbers each, so that words no lexicon lists still
// point somewhere. Made by train/distill_words.cpp.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "nn/safetensors.h"
#include "scent/brief_encoder.h"

namespace odordiff::scent {

class WordVectors {
 public:
  // `words` is the text of words.txt: sorted, one a line. `file` outlives this. Throws Unavailable when they
  // differ.
  WordVectors(std::string words, const nn::SafeTensors& file);
  WordVectors(const WordVectors&) = delete;
  WordVectors& operator=(const WordVectors&) = delete;

  std::size_t size() const { return words_.size(); }
  std::string_view word(std::size_t index) const { return words_[index]; }
  std::optional<std::size_t> find(std::string_view word) const;
  // The word itself, or the first of its forms (brief_text.h) that is known.
  std::optional<std::size_t> find_form(const std::string& word) const;

  std::array<float, kTextWidth> vector(std::size_t index) const;  // unit length
  // How much the word says about a smell, 0 to 1: "of" hardly anything, "vanilla" all.
  float weight(std::size_t index) const { return weights_[index]; }

 private:
  std::string text_;
  std::vector<std::string_view> words_;
  std::span<const std::int8_t> vectors_;  // [words, 64]
  std::span<const float> scales_, weights_;
};

}  // namespace odordiff::scent
