// The words of a brief. Folding (Unicode's compatibility folding, no accents, no possessive) happens here and
// nowhere else, so that the lexicon, the training texts and the user's words are all cut alike.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace odordiff::scent {

struct BriefWord {
  std::string text;                // folded
  std::size_t begin = 0, end = 0;  // bytes in the brief, as written
  bool starts_clause = false;      // punctuation or a new line stands before it
  bool joined = false;             // a hyphen ties it to the word before
  bool comma_before = false;       // the punctuation was only a comma, slash or "&"
};

// Characters in `text`, or nothing when it is not UTF-8 (overlong forms, surrogates and broken sequences are
// not).
std::optional<std::size_t> count_characters(std::string_view text);

// REQUIRES: `text` is UTF-8.
std::vector<BriefWord> split_words(std::string_view text);

// The words of `text` with single spaces between: the key under which a phrase is looked up.
std::string fold_phrase(std::string_view text);

bool is_ascii_word(std::string_view word);  // letters a-z only

// The forms under which a word may be known, likeliest first and the word itself leading: "roses" gives
// "rose", "lemony" "lemon", "berries" "berry", "leathers" "leather", "peachish" "peach".
std::vector<std::string> word_forms(const std::string& word);

}  // namespace odordiff::scent
