// The synthetic-accessibility score against RDKit's own scorer (sa_reference.tsv holds its answers for 1,000
// molecules; write_sa_reference.py makes that file), and a fragment table that does not load when damaged.
#include "chem/sa_score.h"

#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <fstream>
#include <sstream>

#include "base/error.h"

namespace odordiff::chem {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void write_file(const fs::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

void write_gzip(const fs::path& file, const std::string& bytes) {
  gzFile out = gzopen(file.c_str(), "wb");
  ASSERT_NE(out, nullptr);
  gzwrite(out, bytes.data(), static_cast<unsigned>(bytes.size()));
  gzclose(out);
}

class SaScore : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("sa_score_test." + std::to_string(::getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  static fs::path pickle() { return ODORDIFF_FRAGMENT_SCORES; }

  fs::path folder_;
};

#define NEEDS_RDKIT_DATA() \
  if (!fs::exists(pickle())) GTEST_SKIP() << "no fpscores.pkl.gz (rdkit-data)"

TEST_F(SaScore, EqualsRdkitsOwn) {
  NEEDS_RDKIT_DATA();
  SaScorer::convert(pickle(), folder_ / "table");
  const SaScorer scorer(folder_ / "table");
  std::ifstream reference(ODORDIFF_TEST_DIR "/sa_reference.tsv");
  std::string smiles;
  double expected = 0;
  int count = 0;
  while (reference >> smiles >> expected) {
    EXPECT_NEAR(scorer.score(Molecule::parse(smiles)), expected, 1e-6) << smiles;
    ++count;
  }
  EXPECT_EQ(count, 1000);
}

TEST_F(SaScore, ConvertsToTheSameBytesAndLeavesNothingBeside) {
  NEEDS_RDKIT_DATA();
  SaScorer::convert(pickle(), folder_ / "a");
  SaScorer::convert(pickle(), folder_ / "b");
  EXPECT_EQ(read_file(folder_ / "a"), read_file(folder_ / "b"));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 2);
}

TEST_F(SaScore, RefusesADamagedTable) {
  write_gzip(folder_ / "pickle", "(lp0\n(lp1\nF-1.5\naI7\naI9\naa.");
  SaScorer::convert(folder_ / "pickle", folder_ / "table");
  EXPECT_NO_THROW(SaScorer(folder_ / "table"));
  const std::string good = read_file(folder_ / "table");
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x10);
    write_file(folder_ / "bad", bad);
    if (i >= 20 && i < 24) continue;  // the header's spare word
    EXPECT_THROW(SaScorer(folder_ / "bad"), Unavailable) << "byte " << i;
    write_file(folder_ / "bad", good.substr(0, i));
    EXPECT_THROW(SaScorer(folder_ / "bad"), Unavailable) << "cut at " << i;
  }
  write_file(folder_ / "bad", good + "x");
  EXPECT_THROW(SaScorer(folder_ / "bad"), Unavailable);
  EXPECT_THROW(SaScorer(folder_ / "absent"), Unavailable);
}

TEST_F(SaScore, RefusesAPickleThatIsSomethingElse) {
  for (const auto* text :
       {"", ".", "(lp0\n.", "(lp0\n(lp1\nF-1.5\naI7\na", "(lp0\n(lp1\nF-1.5\naI7\naa",
        "(lp0\n(lp1\nFnan\naI7\naa.", "(lp0\n(lp1\nF1\naI-7\naa.", "(lp0\n(lp1\nF1\naI99999999999\naa.",
        "(lp0\n(lp1\nI7\naa.", "\x80\x04]q\x00.", "cos\nsystem\n(S'true'\ntR.", "F"}) {
    write_gzip(folder_ / "pickle", text);
    EXPECT_THROW(SaScorer::convert(folder_ / "pickle", folder_ / "table"), Unavailable) << text;
    EXPECT_FALSE(fs::exists(folder_ / "table"));
  }
  EXPECT_THROW(SaScorer::convert(folder_ / "absent", folder_ / "table"), Unavailable);
}

TEST_F(SaScore, RefusesATruncatedOrCorruptGzip) {
  write_gzip(folder_ / "pickle", "(lp0\n(lp1\nF-1.5\naI7\naI9\naa.");
  const std::string good = read_file(folder_ / "pickle");
  for (const std::size_t size : {good.size() / 2, good.size() - 9, good.size() - 1}) {
    write_file(folder_ / "cut", good.substr(0, size));
    EXPECT_THROW(SaScorer::convert(folder_ / "cut", folder_ / "table"), Unavailable) << size;
  }
  std::string flipped = good;
  flipped[good.size() - 6] = static_cast<char>(flipped[good.size() - 6] ^ 1);  // in the CRC
  write_file(folder_ / "flipped", flipped);
  EXPECT_THROW(SaScorer::convert(folder_ / "flipped", folder_ / "table"), Unavailable);
}

TEST_F(SaScore, SaysWhenTheTableCannotBeWritten) {
  write_gzip(folder_ / "pickle", "(lp0\n(lp1\nF-1.5\naI7\naa.");
  EXPECT_THROW(SaScorer::convert(folder_ / "pickle", folder_ / "no" / "such" / "table"), Unavailable);
}

}  // namespace
}  // namespace odordiff::chem
