// Known hazards are flagged, for the reason for which they are known.
#include <gtest/gtest.h>

#include "base/table_file.h"
#include "shipped.h"

namespace odordiff::safety {
namespace {

TEST(Hazards, AllSixtyKnownMaterialsAreFlaggedForTheirReason) {
  const auto rows = read_table(ODORDIFF_TEST_DIR "/known_hazards.tsv", 4);
  ASSERT_EQ(rows.size(), 60U);
  for (const auto& row : rows) {
    EXPECT_TRUE(has(assess(row.fields[1]), row.fields[2], Severity::Low))
        << row.fields[0] << ": no " << row.fields[2];
  }
}

TEST(Hazards, EveryFindingNamesItsSourceAndItsEvidence) {
  for (const auto& row : read_table(ODORDIFF_TEST_DIR "/known_hazards.tsv", 4)) {
    const auto mol = chem::Molecule::parse(row.fields[1]);
    for (const auto& finding : shipped().assess(mol).findings) {
      EXPECT_FALSE(finding.source.empty()) << row.fields[0] << " " << finding.id;
      EXPECT_FALSE(finding.reason.empty()) << row.fields[0] << " " << finding.id;
      for (const int atom : finding.atoms) EXPECT_LT(atom, mol.heavy_atoms());
      const bool by_structure =
          finding.category != "tox21" && finding.category != "likeness" && finding.category != "environment";
      if (by_structure) {
        EXPECT_FALSE(finding.atoms.empty()) << row.fields[0] << " " << finding.id;
      }
    }
  }
}

TEST(Hazards, TheEvidenceIsTheGroupItself) {
  const auto report = assess("O=CC=Cc1ccccc1");  // cinnamal: O0=C1-C2=C3-…
  const auto at = std::find_if(report.findings.begin(), report.findings.end(),
                               [](const Finding& f) { return f.id == "sens.michael.enal"; });
  ASSERT_NE(at, report.findings.end());
  EXPECT_EQ(at->atoms, (std::vector<int>{0, 1, 2, 3}));
}

TEST(Hazards, FindingsComeGravestFirst) {
  const auto report = assess("COc1c([N+](=O)[O-])c(C)c([N+](=O)[O-])cc1C(C)(C)C");
  ASSERT_GT(report.findings.size(), 2U);
  for (std::size_t i = 1; i < report.findings.size(); ++i) {
    EXPECT_GE(report.findings[i - 1].severity, report.findings[i].severity);
  }
}

}  // namespace
}  // namespace odordiff::safety
