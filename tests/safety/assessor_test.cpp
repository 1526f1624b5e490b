// Reports as callers read them: score, threshold, regions, domain, many at once, many threads.
#include <gtest/gtest.h>

#include <thread>

#include "base/error.h"
#include "shipped.h"

namespace odordiff::safety {
namespace {

TEST(Assessor, AFriendlyEsterScoresHighAndIsAccepted) {
  const auto report = assess("CC(=O)OCCC(C)C");
  ASSERT_TRUE(report.in_domain);
  ASSERT_TRUE(report.score);
  EXPECT_GT(*report.score, 0.85);
  EXPECT_FALSE(report.excluded());
  EXPECT_TRUE(report.likeness.known_flavouring);
  EXPECT_DOUBLE_EQ(report.likeness.nearest_flavouring, 1);
}

TEST(Assessor, AnAllergenScoresLessThanItsSaturatedKinButIsNotExcluded) {
  const auto enal = assess("CCCC=CC=O"), alkanal = assess("CCCCCC=O");
  EXPECT_LT(*enal.score, *alkanal.score);
  EXPECT_FALSE(enal.excluded());
}

TEST(Assessor, ACallerMayLowerTheThresholdForWhatIsExcludedByDefault) {
  const auto lilial = assess("CC(C=O)Cc1ccc(C(C)(C)C)cc1");
  EXPECT_TRUE(lilial.excluded());
  EXPECT_FALSE(lilial.excluded(0.1));
  EXPECT_FALSE(lilial.forbidden());
}

TEST(Assessor, TheScoreIsTheFormulaOfItsHeader) {
  const std::vector<Finding> findings = {{"a", "x", Severity::Moderate, {}, {}, {}, {}},
                                         {"b", "x", Severity::Low, {}, {}, {}, {}},
                                         {"c", "y", Severity::High, {}, {}, {}, {}}};
  Tox21Probabilities tox{};
  tox.fill(0.5F);
  Likeness likeness;
  likeness.nearest_toxin = 0.75;
  EXPECT_NEAR(safety_score(findings, tox, likeness), 0.8 * 0.4 * (1 - 0.3 * 0.5) * (1 - 0.2 * 0.25 / 0.5),
              1e-9);
  EXPECT_DOUBLE_EQ(safety_score({}, std::nullopt, {}), 1);
}

TEST(Assessor, EachRegionHasItsOwnVerdict) {
  const auto lilial = assess("CC(C=O)Cc1ccc(C(C)(C)C)cc1");
  EXPECT_EQ(verdict(lilial, "EU"), Verdict::Prohibited);
  EXPECT_EQ(verdict(lilial, "IFRA"), Verdict::Restricted);
  EXPECT_EQ(verdict(lilial, "US"), Verdict::NotListed);
  const auto linalyl_acetate = assess("CC(=O)OC(C)(C=C)CCC=C(C)C");
  EXPECT_EQ(verdict(linalyl_acetate, "EU"), Verdict::Declare);
  EXPECT_EQ(verdict(linalyl_acetate, "IFRA"), Verdict::NotListed);
  const auto sarin = assess("CC(C)OP(C)(=O)F");
  for (const char* region : {"EU", "US"}) EXPECT_EQ(verdict(sarin, region), Verdict::Controlled) << region;
  EXPECT_EQ(verdict(sarin, "IFRA"), Verdict::NotListed) << "IFRA controls nothing";
}

TEST(Assessor, LimitsOfTheProductCategoriesComeWithTheVerdict) {
  const auto citral = assess("CC(C)=CCCC(C)=CC=O");
  const auto& ifra = *std::find_if(citral.regions.begin(), citral.regions.end(),
                                   [](const auto& r) { return r.region == "IFRA"; });
  const auto fine_fragrance =
      std::find_if(ifra.limits.begin(), ifra.limits.end(), [](const Limit& l) { return l.category == "4"; });
  ASSERT_NE(fine_fragrance, ifra.limits.end());
  EXPECT_DOUBLE_EQ(fine_fragrance->percent, 0.6);
  EXPECT_FALSE(ifra.reasons.empty());
}

TEST(Assessor, StereoisomersAreTheSameSubstance) {
  EXPECT_EQ(verdict(assess("CC(C)=CCC/C(C)=C/C=O"), "IFRA"), Verdict::Restricted);
  EXPECT_EQ(verdict(assess("CC(C)=CCC/C(C)=C\\C=O"), "IFRA"), Verdict::Restricted);
}

TEST(Assessor, MoleculesOutsideTheDomainGetAMarkAndNoNumber) {
  const std::string chain(200, 'C');
  for (const std::string& smiles :
       {std::string("CC(=O)O[Hg]OC(C)=O"), std::string("[Fe]"), chain, std::string("[CH3]"),
        std::string("C[O]"), std::string("O"), std::string("CCCCO.CCN"),
        std::string("CC(=O)[O-].[Pb+2].[O-]C(C)=O"), std::string("[NH4+]"), std::string("C[N+](C)(C)C"),
        std::string("NC(C)C(=O)NC(C)C(=O)NC(C)C(=O)O"), std::string("OCCOCCOCCOCCOCCO"),
        std::string("c1ccccc1[Se]C")}) {
    const auto report = assess(smiles);
    EXPECT_FALSE(report.in_domain) << smiles;
    EXPECT_FALSE(report.domain_note.empty()) << smiles;
    EXPECT_FALSE(report.tox21) << smiles;
    EXPECT_FALSE(report.environment) << smiles;
    EXPECT_TRUE(report.excluded()) << smiles;
    EXPECT_TRUE(!report.score || report.forbidden()) << smiles;
  }
}

TEST(Assessor, ListsAndAlertsAreLookedThroughOutsideTheDomainToo) {
  EXPECT_TRUE(has(assess("CC(=O)O[Hg]OC(C)=O"), "acute_toxicity", Severity::High));
  EXPECT_TRUE(assess("NC(C)Cc1ccccc1.Cl").forbidden());
}

TEST(Assessor, OdorantsAreInsideTheDomain) {
  for (const char* smiles :
       {"C[N+](=O)[O-]", "CC(C)=CCCC(C)=CC#N", "Cc1cc[n+]([O-])cc1", "O=C1CCCCCCCCCCCCCCO1", "CSC", "CCl"}) {
    EXPECT_TRUE(assess(smiles).in_domain) << smiles;
  }
}

TEST(Assessor, ABatchSaysWhatEachMoleculeAloneIsTold) {
  std::vector<chem::Molecule> mols;
  for (const char* smiles : {"CC(=O)OCCC(C)C", "[Fe]", "O=CC=Cc1ccccc1", "ClCCSCCCl", "CC(C)=CCCC(C)=CCO"}) {
    mols.push_back(chem::Molecule::parse(smiles));
  }
  const auto together = shipped().assess(mols);
  ASSERT_EQ(together.size(), mols.size());
  for (std::size_t i = 0; i < mols.size(); ++i) {
    const auto alone = shipped().assess(mols[i]);
    EXPECT_EQ(together[i].score, alone.score);
    EXPECT_EQ(together[i].tox21, alone.tox21);
    EXPECT_EQ(together[i].findings.size(), alone.findings.size());
  }
  EXPECT_TRUE(shipped().assess(std::span<const chem::Molecule>{}).empty());
}

TEST(Assessor, ManyThreadsAskAtOnce) {
  const std::vector<std::string> smiles = {"O=CC=Cc1ccccc1", "CC(=O)OCCC(C)C", "CNC(C)Cc1ccc2OCOc2c1",
                                           "COc1cc(C=O)ccc1O"};
  std::vector<SafetyReport> alone;
  for (const auto& s : smiles) alone.push_back(assess(s));
  std::vector<std::thread> threads;
  std::vector<int> wrong(4, 0);
  for (std::size_t t = 0; t < wrong.size(); ++t) {
    threads.emplace_back([&, t] {
      for (int round = 0; round < 20; ++round) {
        for (std::size_t i = 0; i < smiles.size(); ++i) {
          const auto report = assess(smiles[i]);
          wrong[t] += report.score != alone[i].score || report.findings.size() != alone[i].findings.size();
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

TEST(Assessor, AMissingModelIsUnavailable) {
  EXPECT_THROW(SafetyAssessor(ODORDIFF_SAFETY_DATA, "/nowhere"), Unavailable);
  EXPECT_THROW(SafetyAssessor("/nowhere", ODORDIFF_MODEL_FOLDER), Unavailable);
}

}  // namespace
}  // namespace odordiff::safety
