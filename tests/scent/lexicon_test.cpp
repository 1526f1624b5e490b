// The lexicon as a file and as a place to look words up.
#include "scent/lexicon.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "scent/descriptors.h"

namespace odordiff::scent {
namespace {

class LexiconTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("odordiff-lexicon-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path file(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return folder_ / name;
  }

  std::filesystem::path folder_;
};

std::string complaint(const std::filesystem::path& file) {
  try {
    const std::vector<std::filesystem::path> files = {file};
    const Lexicon lexicon(files);
  } catch (const Unavailable& error) {
    return error.what();
  }
  return "";
}

TEST_F(LexiconTest, TheLongestPhraseWithinTheClauseWins) {
  const std::vector<std::filesystem::path> files = {
      file("a", "# notes\nlily\tlily:1\nlily of the valley\tmuguet:1;lily:0.5\n")};
  const Lexicon lexicon(files);
  const auto words = split_words("lilies of the valley; lily, of the valley; lily of the valleys");
  EXPECT_EQ(lexicon.longest(words, 0)->words, 1U);
  EXPECT_EQ(lexicon.longest(words, 4)->words, 1U);
  EXPECT_EQ(lexicon.longest(words, 8)->words, 4U);
  EXPECT_FALSE(lexicon.longest(words, 1));
}

TEST_F(LexiconTest, TheFirstFileHasTheSay) {
  const std::vector<std::filesystem::path> files = {file("a", "Caf\xc3\xa9\tcoffee:0.5;sweet:0.9\n"),
                                                    file("b", "cafe\trose:1\n")};
  const Lexicon lexicon(files);
  ASSERT_EQ(lexicon.entries().size(), 1U);
  EXPECT_EQ(lexicon.entries()[0].term, "cafe");
  EXPECT_EQ(lexicon.entries()[0].descriptors.front().first, *descriptor_index("sweet")) << "strongest first";
}

TEST_F(LexiconTest, FindsTheWordOneSlipAway) {
  const std::vector<std::filesystem::path> files = {
      file("a", "vanilla\tvanilla:1\nmusk\tmusk:1\nnutmeg\tspicy:1\n")};
  const Lexicon lexicon(files);
  const auto vanilla = lexicon.find("vanilla");
  for (const char* slip : {"vanila", "vannilla", "vqnilla", "vanlila", "anilla"})
    EXPECT_EQ(lexicon.nearest(slip), vanilla) << slip;
  for (const char* far : {"vanilla", "vnila", "vinalla", "mus", "muss", "zzzzz"})
    EXPECT_FALSE(lexicon.nearest(far)) << far;
}

TEST_F(LexiconTest, WhatIsWrittenReadsBackTheSame) {
  const std::vector<std::filesystem::path> files = {
      file("a", "rose\trose:1.0;floral:0.5\nfresh-cut grass\tgrassy:0.9\n")};
  const Lexicon lexicon(files);
  lexicon.write(folder_ / "b");
  const std::vector<std::filesystem::path> again = {folder_ / "b"};
  const Lexicon copy(again);
  ASSERT_EQ(copy.entries().size(), lexicon.entries().size());
  for (std::size_t i = 0; i < copy.entries().size(); ++i) {
    EXPECT_EQ(copy.entries()[i].term, lexicon.entries()[i].term);
    EXPECT_EQ(copy.entries()[i].descriptors, lexicon.entries()[i].descriptors);
  }
}

TEST_F(LexiconTest, ABadLineIsNamedByFileAndNumber) {
  for (const char* bad : {"rose", "rose\t", "rose\trose", "rose\trose:2", "rose\trose:x", "rose\tnothing:1",
                          "\trose:1", "\xff\trose:1", "a b c d e f\trose:1", "rose\trose:nan"}) {
    EXPECT_NE(complaint(file("bad", std::string("musk\tmusk:1\n") + bad + "\n")).find("bad:2"),
              std::string::npos)
        << bad;
  }
  EXPECT_NE(complaint(folder_ / "absent").find("absent"), std::string::npos);
}

}  // namespace
}  // namespace odordiff::scent
