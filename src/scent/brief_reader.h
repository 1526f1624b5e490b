// Which smells a brief names, and whether it wants more, less or none of each.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "scent/brief_text.h"
#include "scent/lexicon.h"
#include "scent/word_vectors.h"

namespace odordiff::scent {

struct ReadTerm {
  enum class Kind { Entry, Word, Unknown };
  Kind kind = Kind::Unknown;
  std::size_t index = 0;             // of the lexicon entry or of the word vector
  std::size_t first = 0, words = 1;  // in Reading::words
  float emphasis = 1;
  float unwanted = 0;  // 0 wanted, 1 must not be there, between: less of it
};

struct Reading {
  std::vector<BriefWord> words;
  std::vector<ReadTerm> terms;  // in order of the text
};

class BriefReader {
 public:
  // Both outlive this.
  BriefReader(const Lexicon& lexicon, const WordVectors& vectors) : lexicon_(lexicon), vectors_(vectors) {}

  // REQUIRES: `text` is UTF-8.
  Reading read(std::string_view text) const;

 private:
  const Lexicon& lexicon_;
  const WordVectors& vectors_;
};

}  // namespace odordiff::scent
