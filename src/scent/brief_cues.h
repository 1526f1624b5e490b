// The little words that turn a brief: what takes a smell away ("without", "free of"), what weakens or
// strengthens it
// ("a hint of", "heavy on"), and where such an influence ends ("but", "with").
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "scent/brief_text.h"

namespace odordiff::scent {

struct Cue {
  enum class Kind {
    Negate,        // what follows is unwanted, `value` of the way: "without sweet vanilla" wants neither
    NegateNext,    // the same of a quality, while the thing stays wanted: "a less sweet vanilla"
    NegateJoined,  // the same where a hyphen ties a word to it, else as any word: "low-sugar"
    NegateAll,     // everything before it in the clause is unwanted: "vanilla is not wanted"
    Complain,      // the next smell is there too much: "too sweet"
    Cancel,        // looks like a negation and is none: "not only", "nothing but"
    Degree,        // the next smell, `value` times: "very", "slightly"
    Amount,        // all smells that follow in the clause, `value` times: "a hint of", "heavy on"
    After,         // the smell before it, `value` times: "rose undertone"
    Free,          // "-free": the smell before it is unwanted
    Than,  // what follows only measures what went before: "less sweet than candy", "more green than rose"
    End,   // ends negation and amount: "but", "with"
    And,
    Or,
    Filler,  // says nothing about smell and changes nothing: "perfume", "I want"
  };
  Kind kind = Kind::Filler;
  float value = 1;
};

struct CueMatch {
  Cue cue;
  std::size_t words = 1;
};

// The longest cue that begins at words[at] and stays within its clause.
std::optional<CueMatch> find_cue(std::span<const BriefWord> words, std::size_t at);

}  // namespace odordiff::scent
