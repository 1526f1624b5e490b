// Sixty scenes and fifty negations, written down as tables: what a perfumer would expect is what the encoder
// reads.
#include <gtest/gtest.h>

#include <set>

#include "brief_fixture.h"

namespace odordiff::scent {
namespace {

TEST(BriefExamples, NineScenesInTenGiveAnExpectedNoteAmongTheFiveStrongest) {
  const auto scenes = read_table("scenes.tsv");
  ASSERT_GE(scenes.size(), 60U);
  std::size_t found = 0;
  std::string missed;
  for (const auto& scene : scenes) {
    ASSERT_EQ(scene.size(), 2U) << scene.front();
    const auto notes = split_at(scene[1], ';');
    for (const auto& note : notes) EXPECT_TRUE(descriptor_index(note)) << note;
    const auto read = strongest(read_brief(scene[0]), 5);
    const bool hit = std::any_of(read.begin(), read.end(), [&](const std::string& name) {
      return std::find(notes.begin(), notes.end(), name) != notes.end();
    });
    if (hit) {
      ++found;
      continue;
    }
    missed += "\n  " + scene[0] + ":";
    for (const auto& name : read) missed += " " + name;
  }
  EXPECT_GE(found * 10, scenes.size() * 9) << missed;
}

TEST(BriefExamples, EveryNegationSinksItsDescriptor) {
  const auto pairs = read_table("negations.tsv");
  ASSERT_GE(pairs.size(), 50U);
  for (const auto& pair : pairs) {
    ASSERT_EQ(pair.size(), 3U) << pair.front();
    const auto plain = read_brief(pair[0]), negated = read_brief(pair[1]);
    EXPECT_LT(chance_of(negated, pair[2]), chance_of(plain, pair[2])) << pair[1];
    EXPECT_GT(weight_of(plain, pair[2]), 0) << pair[0];
    EXPECT_LT(weight_of(negated, pair[2]), 0) << pair[1];
  }
}

// "a less sweet rose" is a rose.
TEST(BriefExamples, ANegationReachesNoFurtherThanItShould) {
  const auto rows = read_table("negation_scopes.tsv");
  ASSERT_GE(rows.size(), 120U);
  for (const auto& row : rows) {
    ASSERT_EQ(row.size(), 3U) << row.front();
    const auto read = read_brief(row[0]);
    const auto list = [](const std::string& cell) {
      return cell.empty() ? std::vector<std::string>() : split_at(cell, ',');
    };
    for (const auto& name : list(row[1])) EXPECT_LT(weight_of(read, name), 0) << row[0] << ": " << name;
    for (const auto& name : list(row[2])) EXPECT_GT(weight_of(read, name), 0) << row[0] << ": " << name;
  }
}

// GoodScents', Leffingwell's and FlavorNet's words, but for those that say how strong or how nice.
TEST(BriefExamples, EveryWordOfPublicOdorVocabulariesIsRead) {
  const std::set<std::string> no_smell = {"bland",    "characteristic", "diffuse", "faint",    "flat",
                                          "fragrant", "impacting",      "liquid",  "may",      "methyl",
                                          "mild",     "must",           "nice",    "oxide",    "pleasant",
                                          "powerful", "shell",          "slight",  "smelling", "strong"};
  std::ifstream in(ODORDIFF_SHARED_DATA "/odor_words.txt");
  if (!in) GTEST_SKIP() << "the shared data is not there";
  std::size_t words = 0;
  for (std::string word; std::getline(in, word); ++words) {
    if (no_smell.contains(word)) continue;
    const auto read = read_brief(word);
    EXPECT_TRUE(std::any_of(read.weights.begin(), read.weights.end(), [](float w) { return w > 0; })) << word;
    for (const auto& term : read.terms) EXPECT_NE(term.source, BriefTerm::Source::Unknown) << word;
  }
  EXPECT_GE(words, 700U);
}

}  // namespace
}  // namespace odordiff::scent
