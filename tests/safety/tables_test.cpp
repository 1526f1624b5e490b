// The tables that specialists edit: what is shipped is sound, and what is wrong is answered with file and
// line.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <type_traits>

#include "base/error.h"
#include "safety/alerts.h"
#include "safety/regulation.h"

namespace odordiff::safety {
namespace {

namespace fs = std::filesystem;

// A copy of the shipped tables to spoil.
class SpoiledTables : public testing::Test {
 protected:
  SpoiledTables() : folder_(fs::temp_directory_path() / ("odordiff-tables-" + std::to_string(getpid()))) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    for (const auto& entry : fs::directory_iterator(ODORDIFF_SAFETY_DATA)) fs::copy(entry.path(), folder_);
  }
  ~SpoiledTables() override { fs::remove_all(folder_); }

  // The file ends with `line`; returns how an error about it must start.
  std::string append(const std::string& file, const std::string& line) {
    std::ifstream in(folder_ / file);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    std::ofstream(folder_ / file, std::ios::app) << line << "\n";
    return (folder_ / file).string() + ":" + std::to_string(std::count(text.begin(), text.end(), '\n') + 1) +
           ": ";
  }

  template <typename Table>
  void expect_error(const std::string& start, const std::string& says) {
    try {
      const Table table{folder_};
      if constexpr (std::is_same_v<Table, RegulatoryTables>) table.check_structures();
      ADD_FAILURE() << "accepted; expected: " << start << says;
    } catch (const Unavailable& error) {
      const std::string message = error.what();
      EXPECT_EQ(message.substr(0, start.size()), start);
      EXPECT_NE(message.find(says), std::string::npos) << message;
      EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    }
  }

  fs::path folder_;
};

TEST(Tables, TheShippedTablesAreSound) {
  const AlertTable alerts(ODORDIFF_SAFETY_DATA);
  const RegulatoryTables tables(ODORDIFF_SAFETY_DATA);
  EXPECT_NO_THROW(tables.check_structures());
  EXPECT_GT(alerts.alerts().size(), 100U);
  EXPECT_GT(tables.entries().size(), 500U);
  for (const auto& regulation : tables.regulations()) {
    const bool used = std::any_of(tables.entries().begin(), tables.entries().end(),
                                  [&](const auto& entry) { return entry->regulation == regulation.get(); });
    EXPECT_TRUE(used) << regulation->key << " names no substance";
  }
}

TEST(Tables, EveryExactEntryFindsItself) {
  const RegulatoryTables tables(ODORDIFF_SAFETY_DATA);
  for (const auto& entry : tables.entries()) {
    if (entry->family) continue;
    const auto form = chem::plain_form(chem::Molecule::parse(entry->structure));
    const auto matches = form.parts.size() > 1 ? tables.match_salt(form.parts) : tables.match(form.whole);
    EXPECT_TRUE(std::any_of(matches.begin(), matches.end(), [&](const auto& m) {
      return m.entry == entry.get();
    })) << entry->name;
  }
}

TEST(Tables, OneCasNumberMeansOneStructureWithinAList) {
  const RegulatoryTables tables(ODORDIFF_SAFETY_DATA);
  std::map<std::string, std::string> formula_of;
  for (const auto& entry : tables.entries()) {
    if (entry->cas.empty() || entry->family) continue;
    const auto [at, fresh] = formula_of.emplace(entry->cas, entry->formula);
    EXPECT_EQ(at->second, entry->formula) << entry->name << " " << entry->cas;
  }
}

TEST_F(SpoiledTables, AMissingFileIsUnavailable) {
  fs::remove(folder_ / "alerts.tsv");
  EXPECT_THROW(AlertTable{folder_}, Unavailable);
  fs::remove(folder_ / "ifra.tsv");
  EXPECT_THROW(RegulatoryTables{folder_}, Unavailable);
}

TEST_F(SpoiledTables, AlertsWithErrorsNameTheirLine) {
  const std::string tail = "\treason\tsource";
  expect_error<AlertTable>(append("alerts.tsv", "x\tc\thigh\tname\t[C" + tail), "not a SMARTS pattern");
}

TEST_F(SpoiledTables, AnUnknownSeverityIsNamed) {
  expect_error<AlertTable>(append("alerts.tsv", "x\tc\tterrible\tname\tC\treason\tsource"),
                           "unknown severity");
}

TEST_F(SpoiledTables, AMissingColumnIsCounted) {
  expect_error<AlertTable>(append("alerts.tsv", "x\tc\thigh\tname\tC\treason"),
                           "6 fields between tabs; expected 7");
}

TEST_F(SpoiledTables, AnIdThatOccursTwiceIsRefused) {
  expect_error<AlertTable>(append("alerts.tsv", "explosive.azide\tc\thigh\tname\tC\treason\tsource"),
                           "occurs twice");
}

TEST_F(SpoiledTables, AnUnknownRegulationIsNamed) {
  expect_error<RegulatoryTables>(append("eu.tsv", "EU-XX\tprohibited\tX\t\texact\tCCO\tC2H6O\t\t"),
                                 "must stand in regulations.tsv");
}

TEST_F(SpoiledTables, AStructureThatIsNoneIsRefused) {
  expect_error<RegulatoryTables>(append("ifra.tsv", "IFRA\tprohibited\tX\t\texact\tC(C\tC2H6O\t\t"),
                                 "not a SMILES");
}

TEST_F(SpoiledTables, AFormulaThatIsNotTheStructuresIsRefused) {
  expect_error<RegulatoryTables>(append("us.tsv", "US-PROP65\tinformation\tX\t\texact\tCCO\tC2H4O\t\t"),
                                 "C2H6O");
}

TEST_F(SpoiledTables, AWrongCheckDigitIsNoticed) {
  expect_error<RegulatoryTables>(
      append("eu.tsv", "EU-ANNEX-II\tprohibited\tX\t64-17-6\texact\tCCO\tC2H6O\t\t"), "CAS");
}

TEST_F(SpoiledTables, LimitsMustNameACategoryAndAPercentage) {
  expect_error<RegulatoryTables>(append("ifra.tsv", "IFRA\trestricted\tX\t\texact\tCCO\tC2H6O\t13=1\t"),
                                 "bad limit");
}

TEST_F(SpoiledTables, ALimitAboveAHundredPercentIsNoLimit) {
  expect_error<RegulatoryTables>(append("ifra.tsv", "IFRA\trestricted\tX\t\texact\tCCO\tC2H6O\t4=101\t"),
                                 "bad limit");
}

}  // namespace
}  // namespace odordiff::safety
