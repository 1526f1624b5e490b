// Whatever bytes come as a brief: the encoder keeps its promises or throws InvalidInput, and the same bytes
// give the same answer.
#include <gtest/gtest.h>

#include <cmath>
#include <thread>

#include "base/error.h"
#include "base/rng.h"
#include "brief_fixture.h"

namespace odordiff::scent {
namespace {

void expect_promises(const std::string& brief, const EncodedBrief& read) {
  float norm = 0;
  for (const float x : read.text) norm += x * x;
  EXPECT_NEAR(norm, read.has_text ? 1 : 0, 1e-4);
  for (const float w : read.weights) EXPECT_TRUE(w >= -1 && w <= 1);
  for (const float p : read.probabilities) EXPECT_TRUE(p >= 0 && p <= 1);
  std::size_t last = 0;
  for (const auto& term : read.terms) {
    ASSERT_TRUE(term.begin >= last && term.begin < term.end && term.end <= brief.size());
    EXPECT_EQ(term.text, brief.substr(term.begin, term.end - term.begin));
    EXPECT_TRUE(term.emphasis > 0 && std::isfinite(term.emphasis));
    last = term.end;
  }
}

// True when the brief was accepted.
bool try_brief(const std::string& brief) {
  try {
    expect_promises(brief, read_brief(brief));
    return true;
  } catch (const InvalidInput&) {
    return false;
  }
}

TEST(BriefRobustness, RandomBytes) {
  Rng random(1, 0);
  for (int i = 0; i < 20000; ++i) {
    std::string brief(random.below(64), ' ');
    for (char& c : brief) c = static_cast<char>(random.below(256));
    try_brief(brief);
  }
}

TEST(BriefRobustness, RandomWordsAndPunctuation) {
  const std::vector<std::string> pieces = {"no ",
                                           "not ",
                                           "but ",
                                           "and ",
                                           "or ",
                                           "a hint of ",
                                           "very ",
                                           "rose",
                                           "musk ",
                                           "-",
                                           " - ",
                                           ",",
                                           ". ",
                                           "\n",
                                           "'s ",
                                           "'",
                                           "free",
                                           "without ",
                                           "than ",
                                           "as ",
                                           "too ",
                                           "lily of the valley",
                                           "\xc3\xa9",
                                           "\xe2\x80\x99",
                                           "\xe9\xa6\x99",
                                           "5",
                                           " ",
                                           "xqzt ",
                                           "in the background",
                                           "ish",
                                           "like",
                                           "less ",
                                           "not only ",
                                           "\xcc\x81",
                                           "unwanted ",
                                           "heavy ",
                                           "/",
                                           "&"};
  Rng random(2, 0);
  int accepted = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string brief;
    for (std::uint32_t n = random.below(16); n > 0; --n) {
      brief += pieces[random.below(static_cast<std::uint32_t>(pieces.size()))];
    }
    accepted += try_brief(brief) ? 1 : 0;
  }
  EXPECT_GT(accepted, 15000);
}

TEST(BriefRobustness, TheLongestBriefsOfHardWords) {
  std::string unknown, cues, letters;
  while (unknown.size() < 990) unknown += "qzxrosee ";
  while (cues.size() < 990) cues += "not a hint of ";
  while (letters.size() < 990) letters += "a-";
  for (const auto& brief :
       {unknown, cues.substr(0, 999), letters, std::string(1000, 'x'), std::string(1000, '\'') + ""}) {
    try_brief(brief);
  }
}

TEST(BriefRobustness, ThreadsShareOneEncoder) {
  const std::string brief = "fresh-cut grass after rain, a little ozone, no sugar";
  const auto expected = read_brief(brief);
  std::vector<std::thread> threads;
  std::array<bool, 4> same{};
  for (bool& mine : same) {
    threads.emplace_back([&] {
      mine = true;
      for (int i = 0; i < 200; ++i) {
        const auto read = read_brief(brief);
        mine = mine && read.weights == expected.weights && read.probabilities == expected.probabilities &&
               read.text == expected.text;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  for (const bool mine : same) EXPECT_TRUE(mine);
}

}  // namespace
}  // namespace odordiff::scent
