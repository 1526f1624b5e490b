// Any bytes as a brief: the encoder answers within its bounds or throws InvalidInput; what it says of the
// brief is UTF-8 and stands where it says; and folding a text that is folded changes nothing. The model
// folder comes from ODORDIFF_MODEL.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/error.h"
#include "require.h"
#include "scent/brief_encoder.h"
#include "scent/brief_text.h"

namespace {

using odordiff::fuzz::require;
using odordiff::scent::BriefEncoder;
using odordiff::scent::EncodedBrief;

bool is_utf8(const std::string& text) {
  return odordiff::scent::count_characters(text).has_value();
}

const BriefEncoder& encoder() {
  static const BriefEncoder shared = [] {
    const char* folder = std::getenv("ODORDIFF_MODEL");
    if (folder == nullptr) {
      std::fputs("set ODORDIFF_MODEL to a model folder\n", stderr);
      std::exit(2);
    }
    return BriefEncoder(folder);
  }();
  return shared;
}

void check(const EncodedBrief& read, const std::string& brief) {
  for (const float weight : read.weights) require(weight >= -1 && weight <= 1, "weights lie in [-1, 1]");
  for (const float p : read.probabilities) require(p >= 0 && p <= 1, "probabilities lie in [0, 1]");
  for (const float x : read.text) require(std::isfinite(x), "the text vector is finite");
  for (const auto& term : read.terms) {
    require(term.begin <= term.end && term.end <= brief.size(), "terms lie in the brief");
    require(is_utf8(term.text), "terms are UTF-8");
    require(is_utf8(brief.substr(term.begin, term.end - term.begin)),
            "terms begin and end between characters");
    for (const auto& [descriptor, weight] : term.descriptors) {
      require(descriptor < odordiff::scent::kDescriptors && std::isfinite(weight), "terms name descriptors");
    }
  }
}

// REQUIRES: `brief` is UTF-8.
void check_words(const std::string& brief) {
  std::size_t at = 0;
  for (const auto& word : odordiff::scent::split_words(brief)) {
    require(at <= word.begin && word.begin < word.end && word.end <= brief.size(), "words stand in order");
    require(!word.text.empty() && is_utf8(word.text), "words are UTF-8");
    at = word.begin;
  }
  const std::string folded = odordiff::scent::fold_phrase(brief);
  require(odordiff::scent::fold_phrase(folded) == folded, "what is folded stays as it is");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string brief(reinterpret_cast<const char*>(data), size);
  if (is_utf8(brief)) check_words(brief);
  try {
    check(encoder().encode(brief), brief);
  } catch (const odordiff::InvalidInput& error) {
    require(is_utf8(error.what()), "a refusal is UTF-8");
  }
  return 0;
}
