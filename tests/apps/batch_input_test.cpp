// Lines of a batch become requests, or say why they cannot.
#include "batch_input.h"

#include <gtest/gtest.h>

#include <set>

namespace odordiff::apps {
namespace {

generate::Request defaults() {
  generate::Request request;
  request.count = 3;
  request.seed = 7;
  return request;
}

TEST(BatchInput, ReadsPlainBriefsWithTheirLineNumbersAsIds) {
  const auto items = read_batch("ripe pear\r\nsmoky leather\n", defaults());
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(items[0].id, 1);
  EXPECT_EQ(items[0].request.brief, "ripe pear");
  EXPECT_EQ(items[1].id, 2);
  EXPECT_EQ(items[1].request.brief, "smoky leather");
  EXPECT_EQ(items[1].request.count, 3);
  EXPECT_TRUE(items[1].error.empty());
}

TEST(BatchInput, ReadsObjects) {
  const auto items =
      read_batch(R"({"id": "a", "brief": "rose", "n": 9, "seed": 18446744073709551615})", defaults());
  ASSERT_EQ(items.size(), 1U);
  EXPECT_EQ(items[0].error, "");
  EXPECT_EQ(items[0].id, "a");
  EXPECT_EQ(items[0].request.brief, "rose");
  EXPECT_EQ(items[0].request.count, 9);
  EXPECT_EQ(items[0].request.seed, UINT64_MAX);
}

TEST(BatchInput, AByteOrderMarkIsNoPartOfTheFirstBrief) {
  EXPECT_EQ(read_batch("\xef\xbb\xbfrose\n", defaults()).at(0).request.brief, "rose");
}

TEST(BatchInput, AnEmptyInputHasNoItems) {
  EXPECT_TRUE(read_batch("", defaults()).empty());
}

TEST(BatchInput, EveryBadLineCarriesItsErrorAndKeepsItsPlace) {
  const std::vector<std::string> bad = {"",
                                        "   ",
                                        "{",
                                        "{}",
                                        R"({"brief": 5})",
                                        R"({"brief": "rose", "n": 0})",
                                        R"({"brief": "rose", "n": 100000})",
                                        R"({"brief": "rose", "n": 2.5})",
                                        R"({"brief": "rose", "n": "2"})",
                                        R"({"brief": "rose", "seed": -1})",
                                        R"({"brief": "rose", "sede": 1})",
                                        R"({"brief": "rose", "id": null})",
                                        R"({"brief": "rose", "id": 1e400})",
                                        R"({"brief": "rose", "n": 1e999999})",
                                        R"({"brief": "rose"} trailing)"};
  std::string text;
  for (const auto& line : bad) text += line + "\n";
  const auto items = read_batch(text + "rose\n", defaults());
  ASSERT_EQ(items.size(), bad.size() + 1);
  for (std::size_t i = 0; i < bad.size(); ++i) {
    EXPECT_FALSE(items[i].error.empty()) << bad[i];
    EXPECT_EQ(items[i].error.find('\n'), std::string::npos) << bad[i];
    EXPECT_EQ(items[i].id, i + 1) << bad[i];
  }
  EXPECT_TRUE(items.back().error.empty());
}

TEST(BatchInput, AnErrorKeepsTheIdThatWasGiven) {
  EXPECT_EQ(read_batch(R"({"brief": "rose", "n": 0, "id": "x"})", defaults()).at(0).id, "x");
}

TEST(BatchInput, SeedsDifferFromLineToLineAndFollowTheBatchSeed) {
  std::set<std::uint64_t> seeds;
  for (std::size_t line = 1; line <= 1000; ++line) {
    seeds.insert(line_seed(0, line));
    seeds.insert(line_seed(1, line));
    EXPECT_LT(line_seed(0, line), std::uint64_t{1} << 53U);
  }
  EXPECT_EQ(seeds.size(), 2000U);
  EXPECT_EQ(line_seed(3, 4), line_seed(3, 4));
}

}  // namespace
}  // namespace odordiff::apps
