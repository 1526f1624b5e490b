// Files that appear whole, tables that name their faults, base64, and the area under the curve.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "base/auroc.h"
#include "base/base64.h"
#include "base/error.h"
#include "base/replacement.h"
#include "base/table_file.h"

namespace odordiff {
namespace {

namespace fs = std::filesystem;

class Files : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }
  fs::path file(const char* name) const { return folder_ / name; }
  static std::string text_of(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::size_t entries() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }

  const fs::path folder_ = fs::temp_directory_path() / ("odordiff-files-" + std::to_string(::getpid()));
};

TEST_F(Files, AReplacementShowsOnlyWhenItIsWhole) {
  replace_file(file("a"), "old", 0600);
  ::chmod(file("a").c_str(), 0640);
  {
    Replacement abandoned(file("a"));
    abandoned.write("half");
  }
  EXPECT_EQ(text_of(file("a")), "old");
  EXPECT_EQ(entries(), 1U) << "nothing is left of what was abandoned";
  const std::string large(200'000, 'x');
  replace_file(file("a"), large);
  EXPECT_EQ(text_of(file("a")), large);
  EXPECT_EQ(fs::status(file("a")).permissions(), fs::perms(0640)) << "its mode is the old one's";
  EXPECT_EQ(entries(), 1U);
}

TEST_F(Files, AReplacementOfALinkReplacesWhatItLeadsTo) {
  replace_file(file("target"), "old");
  fs::create_symlink("target", file("link"));
  replace_file(file("link"), "new");
  EXPECT_TRUE(fs::is_symlink(file("link")));
  EXPECT_EQ(text_of(file("target")), "new");
}

TEST_F(Files, AReplacementThatCannotBeWrittenIsNamed) {
  for (const auto& place : {file("nowhere/a"), fs::path("/dev/full/a")}) {
    try {
      replace_file(place, "text");
      ADD_FAILURE() << place;
    } catch (const Unavailable& error) {
      EXPECT_NE(std::string(error.what()).find("cannot write \"" + place.string()), std::string::npos)
          << error.what();
    }
  }
  EXPECT_EQ(entries(), 0U);
}

TEST_F(Files, ATableNamesTheFileAndTheLineOfItsFaults) {
  replace_file(file("t.tsv"), "# comment\r\na\t b \r\n\nc\t\n");
  const auto rows = read_table(file("t.tsv"), 2);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].fields, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(rows[1].place, file("t.tsv").string() + ":4");
  const auto fault = [&](const std::string& text, EmptyFields empty = EmptyFields::Allowed) {
    replace_file(file("bad.tsv"), text);
    try {
      (void)read_table(file("bad.tsv"), 2, empty);
    } catch (const Unavailable& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_NE(fault("a\tb\nc\n").find("bad.tsv:2: 1 fields between tabs; expected 2"), std::string::npos);
  EXPECT_NE(fault("a\t\n", EmptyFields::Refused).find("bad.tsv:1: field 2 is empty"), std::string::npos);
  EXPECT_NE(fault("# nothing\n").find("has no rows"), std::string::npos);
  EXPECT_THROW((void)read_table(file("absent.tsv"), 2), Unavailable);
  EXPECT_EQ(parse_number(rows[0], "1.5", 0, 2, "x"), 1.5);
  for (const char* bad : {"", "1.5 ", "x", "3", "nan"})
    EXPECT_THROW((void)parse_number(rows[0], bad, 0, 2, "x"), Unavailable);
  EXPECT_EQ(list_of("a; b;;c", ";"), (std::vector<std::string>{"a", "b", "", "c"}));
  EXPECT_TRUE(list_of("", ";").empty());
  EXPECT_TRUE(words_of("-").empty());
}

TEST(Base64, IsThatOfTheStandard) {
  // RFC 4648, 10
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, coded] : vectors) {
    EXPECT_EQ(base64_encoded(plain), coded);
    std::string bare = coded;
    bare.resize(bare.find_last_not_of('=') + 1);
    EXPECT_EQ(base64url_encoded(plain), bare);
    EXPECT_EQ(base64url_decoded(bare), plain);
  }
  EXPECT_EQ(base64_encoded("\xfb\xff"), "+/8=");
  EXPECT_EQ(base64url_encoded("\xfb\xff"), "-_8");
  for (const char* bad : {"Zg==", "Z", "Zh", "Zm9v\n", "+/8"}) EXPECT_FALSE(base64url_decoded(bad)) << bad;
}

TEST(Auroc, IsTheShareOfPairsInOrder) {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    const std::size_t n = 2 + random() % 30;
    std::vector<int> score(n);
    std::vector<bool> carries(n);
    for (std::size_t i = 0; i < n; ++i)
      score[i] = static_cast<int>(random() % 8), carries[i] = random() % 2 == 0;
    double pairs = 0, ordered = 0;
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) {
        if (!carries[i] || carries[j]) continue;
        pairs += 1;
        ordered += score[i] > score[j] ? 1 : score[i] == score[j] ? 0.5 : 0;
      }
    }
    const double area = auroc(
        n, [&](std::size_t i) { return score[i]; }, [&](std::size_t i) { return carries[i]; });
    if (pairs == 0) {
      EXPECT_TRUE(std::isnan(area));
    } else {
      EXPECT_NEAR(area, ordered / pairs, 1e-12);
    }
  }
}

}  // namespace
}  // namespace odordiff
