// The scent lexicon: what words and phrases that people use ("old books", "bergamot", "after rain") smell of.
// Compiled from data/lexicon into one sorted file of the model folder: term, tab, descriptor:weight;...
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scent/brief_text.h"

namespace odordiff::scent {

class Lexicon {
 public:
  struct Entry {
    std::string term;                                        // folded, single spaces
    std::vector<std::pair<std::size_t, float>> descriptors;  // strongest first
  };
  struct Match {
    std::size_t entry = 0;
    std::size_t words = 1;  // of the brief
    bool by_form = false;   // found through a plural, an ending or a near spelling
  };
  static constexpr std::size_t kLongestPhrase = 5;

  // Files in order of authority: where two give a term, the first counts. Throws Unavailable with file and
  // line.
  explicit Lexicon(std::span<const std::filesystem::path> files);
  Lexicon(const Lexicon&) = delete;
  Lexicon& operator=(const Lexicon&) = delete;

  std::span<const Entry> entries() const { return entries_; }
  std::optional<std::size_t> find(std::string_view term) const;

  // The longest entry that begins at words[at] and stays within its clause.
  std::optional<Match> longest(std::span<const BriefWord> words, std::size_t at) const;
  // The one-word entry of at least five letters that differs from `word` by one letter (changed, lost, added,
  // or two swapped); of several the one that shares most letters at the start.
  std::optional<std::size_t> nearest(std::string_view word) const;

  void write(const std::filesystem::path& file) const;

 private:
  void read(const std::filesystem::path& file);
  bool begins_phrase(std::string_view word) const;

  std::vector<Entry> entries_;         // sorted by term
  std::vector<std::size_t> one_word_;  // entries of one word and five letters or more
};

}  // namespace odordiff::scent
