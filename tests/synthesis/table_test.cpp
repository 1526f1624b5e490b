// Tables that are damaged are refused with file and line; the shipped ones load.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/error.h"
#include "base/table_file.h"
#include "planner.h"

namespace odordiff::synthesis {
namespace {

namespace fs = std::filesystem;

class Tables : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("synthesis_table_test." + std::to_string(::getpid()));
    fs::create_directories(folder_);
    for (const auto& file : fs::directory_iterator(ODORDIFF_SYNTHESIS_DATA)) {
      fs::copy_file(file.path(), folder_ / file.path().filename(), fs::copy_options::overwrite_existing);
    }
  }
  void TearDown() override { fs::remove_all(folder_); }

  void append(const char* file, const std::string& line) {
    std::ofstream(folder_ / file, std::ios::app | std::ios::binary) << line << "\n";
  }

  // What loading says; empty when it works.
  std::string error() const {
    try {
      RoutePlanner planner(folder_);
      return {};
    } catch (const Unavailable& e) {
      return e.what();
    }
  }

  std::size_t lines(const char* file) const {
    std::ifstream in(folder_ / file);
    return static_cast<std::size_t>(
        std::count(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>(), '\n'));
  }

  void expect_refused(const char* file, const std::string& line, const std::string& says) {
    SetUp();
    append(file, line);
    const std::string what = error();
    EXPECT_NE(what.find(std::string(file) + ":" + std::to_string(lines(file)) + ":"), std::string::npos)
        << line << ": " << what;
    EXPECT_NE(what.find(says), std::string::npos) << line << ": " << what;
  }

  fs::path folder_;
};

TEST_F(Tables, OfTheReleaseLoad) {
  EXPECT_EQ(error(), "");
}

TEST_F(Tables, AcceptCommentsBlankLinesAndWindowsLineEnds) {
  append("blocks.tsv", "# a comment\n\r");
  append("blocks.tsv", "CCCCCCCCCCCCCCCCCCCCO\ticosanol\tfatty\tfine\ta test\r");
  EXPECT_EQ(error(), "");
}

TEST_F(Tables, RefuseABadBuildingBlock) {
  expect_refused("blocks.tsv", "CCCCC\tpentane\tpetrochemical\tbulk", "4 fields");
  expect_refused("blocks.tsv", "C1CC\tnothing\tpetrochemical\tbulk\tx", "not a SMILES");
  expect_refused("blocks.tsv", "CCCCC\tpentane\tmoonrock\tbulk\tx", "feedstock");
  expect_refused("blocks.tsv", "CCCCC\tpentane\tpetrochemical\tcheap\tx", "price class");
  expect_refused("blocks.tsv", "OCC\tethanol again\tsugar\tbulk\tx", "twice");
  expect_refused("blocks.tsv", "CCCCC\t\tpetrochemical\tbulk\tx", "empty");
}

TEST_F(Tables, RefuseABadReaction) {
  const std::string good_tail = "\tacid\t0.5-0.9\tacid\t-\tCCO>>CC=O\tMA test";
  expect_refused("reactions.tsv", "x\tx\t[C:1]>>[C:2]" + good_tail, "reaction SMARTS");
  expect_refused("reactions.tsv", "x\tx\tnonsense" + good_tail, "reaction SMARTS");
  expect_refused("reactions.tsv", "x\tx\t[C:1].[O:2]>>[C:1][O:2]" + good_tail, "left side");
  expect_refused("reactions.tsv", "Heck reaction\tx\t[C:1]O>>[C:1]=O" + good_tail, "twice");
  expect_refused("reactions.tsv", "x\tx\t[C:1]O>>[C:1]=O\tboiling\t0.5-0.9\t-\t-\tCCO>>CC=O\tMA test",
                 "conditions");
  expect_refused("reactions.tsv", "x\tx\t[C:1]O>>[C:1]=O\tacid\t0.9-0.5\t-\t-\tCCO>>CC=O\tMA test", "yield");
  expect_refused("reactions.tsv", "x\tx\t[C:1]O>>[C:1]=O\tacid\t50 %\t-\t-\tCCO>>CC=O\tMA test", "yield");
  expect_refused("reactions.tsv", "x\tx\t[C:1]O>>[C:1]=O\tacid\t0.5-0.9\tketonne\t-\tCCO>>CC=O\tMA test",
                 "ketonne");
  expect_refused("reactions.tsv", "x\tx\t[C:1]O>>[C:1]=O\tacid\t0.5-0.9\tketone:-1\t-\tCCO>>CC=O\tMA test",
                 "limit");
  expect_refused("reactions.tsv", "x\tx\t[C:1]O>>[C:1]=O\tacid\t0.5-0.9\t-\t-\tCCO\tMA test", "example");
}

TEST_F(Tables, RefuseBadGroupsConditionsPricesAndRefusals) {
  expect_refused("groups.tsv", "strange\t[C", "SMARTS");
  expect_refused("conditions.tsv", "hot\t5\t1\tx", "high cost");
  expect_refused("conditions.tsv", "hot\tcheap\t1\tx", "low cost");
  expect_refused("price_classes.tsv", "free\t0\t1\tx", "low price");
  expect_refused("price_classes.tsv", "bulk\t1\t2\tx", "twice");
  expect_refused("refused.tsv", "[C\tbroken", "SMARTS");
}

TEST_F(Tables, AreNamedWhenTheyAreMissing) {
  for (const auto* file :
       {"blocks.tsv", "conditions.tsv", "groups.tsv", "price_classes.tsv", "reactions.tsv", "refused.tsv"}) {
    SetUp();
    fs::remove(folder_ / file);
    EXPECT_NE(error().find(file), std::string::npos) << file;
    SetUp();
    std::ofstream(folder_ / file, std::ios::trunc) << "# nothing\n";
    EXPECT_NE(error().find(file), std::string::npos) << file;
  }
}

}  // namespace
}  // namespace odordiff::synthesis
