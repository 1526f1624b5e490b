// Words to smell: reads an English brief into weights of odor descriptors and a text vector, and says why.
//
// The reading is additive: each phrase found in the scent lexicon (data/lexicon) and each other known word
// adds its own descriptors, scaled by emphasis ("very", "a hint of") and turned round by negation ("not
// sweet", "no vanilla", "without any musk"); words of the open vocabulary speak through distilled word
// vectors and a map learned on what experts wrote (data: odor_text.csv, training part). So every weight can
// be traced to the words that gave it.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "scent/descriptors.h"

namespace odordiff::scent {

inline constexpr std::size_t kTextWidth = 64;
inline constexpr std::size_t kMaxBriefBytes = 4000;  // 1,000 characters of at most 4 bytes
inline constexpr std::size_t kMaxBriefCharacters = 1000;

// What one stretch of the brief gave.
struct BriefTerm {
  std::string text;                // as written
  std::size_t begin = 0, end = 0;  // byte range in the brief
  enum class Source { Lexicon, Learned, Unknown } source = Source::Unknown;
  float emphasis = 1;  // 1 plain, < 1 weakened, > 1 strengthened
  bool negated = false;
  std::vector<std::pair<std::size_t, float>>
      descriptors;  // (index, contribution), strongest first, at most 5
};

struct EncodedBrief {
  DescriptorVector
      weights{};  // [-1, 1]: wanted > 0, unwanted < 0, 0 not mentioned. Sparse: what was understood.
  DescriptorVector
      probabilities{};  // [0, 1] for every descriptor: how likely a molecule so described carries it
  std::array<float, kTextWidth> text{};  // unit length, or zero when no word is known
  bool has_text = false;
  bool understood = false;       // false: no descriptor could be read; generation goes on without a direction
  std::vector<BriefTerm> terms;  // in order of the text
};

class BriefEncoder {
 public:
  // Loads `folder`/brief.safetensors (+ words.txt) of a model and the lexicon compiled into it. Throws
  // Unavailable.
  explicit BriefEncoder(const std::filesystem::path& folder);
  ~BriefEncoder();

  // Throws InvalidInput when the brief is blank, has over 1,000 characters, or is not UTF-8.
  EncodedBrief encode(const std::string& brief) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace odordiff::scent
