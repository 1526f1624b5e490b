// A substance gets its verdict in every writing, and ordinary materials keep theirs.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "base/error.h"
#include "base/table_file.h"
#include "chem/substance.h"
#include "shipped.h"

namespace odordiff::safety {
namespace {

// All that a report says, but for the atoms, which are numbered along the writing.
std::string said(const SafetyReport& report) {
  std::string out = report.forbidden() ? "forbidden" : report.may_be_proposed() ? "free" : "never proposed";
  out += report.excluded() ? ", excluded" : ", accepted";
  out += ", " + report.domain_note + ", score " + (report.score ? std::to_string(*report.score) : "none");
  for (const auto& region : report.regions) {
    out += "\n" + region.region + " " + to_string(region.verdict);
    for (const auto& reason : region.reasons) out += "; " + reason;
    for (const auto& limit : region.limits)
      out += "; " + limit.category + " " + std::to_string(limit.percent);
  }
  for (const auto& finding : report.findings) out += "\n" + finding.id + ": " + finding.reason;
  return out;
}

TEST(Disguises, EachWritingOfAListedSubstanceGetsItsVerdict) {
  const auto rows = read_table(std::string(ODORDIFF_TEST_DIR) + "/disguises.tsv", 4);
  EXPECT_GE(rows.size(), 400U);
  std::map<std::string, int> wrong;
  std::set<std::string> kinds;
  for (const auto& row : rows) {
    const auto& [kind, plain, disguise, name] =
        std::tie(row.fields[0], row.fields[1], row.fields[2], row.fields[3]);
    kinds.insert(kind);
    const auto expected = assess(plain), report = assess(disguise);
    EXPECT_EQ(said(report), said(expected)) << name << ", " << kind << ": " << disguise;
    const auto mol = chem::Molecule::parse(disguise);
    EXPECT_EQ(shipped().forbids(mol), expected.forbidden()) << name << ", " << kind << ": " << disguise;
    EXPECT_EQ(shipped().lists().standing(mol) == Standing::Free, expected.may_be_proposed())
        << name << ": " << disguise;
    EXPECT_EQ(shipped().lists().read(disguise).flat_smiles(), shipped().lists().read(plain).flat_smiles())
        << name;
  }
  EXPECT_GE(kinds.size(), 18U);
}

TEST(Disguises, FamiliesAreMatchedOnThePlainForm) {
  const std::pair<const char*, const char*> pairs[] = {
      {"CC(C)OP(C)(=O)F", "CC(C)O[P+](C)([O-])F"},
      {"CC(C)OP(C)(=O)F", "[13CH3]C(C)O[P:3](C)(=[18O])F"},
      {"CC(C)OP(C)(=O)F", "[2H]C([2H])([2H])P(=O)(F)OC(C)C.CCO"},
      {"CC(N)Cc1ccccc1", "C[C@H]([NH3+:1])[CH2:2]c1ccccc1.OS(=O)(=O)[O-]"},
      {"CC(N)Cc1ccccc1", "[2H]N([2H])C(C)Cc1ccccc1"},
      {"ClCCSCCCl", "[35Cl]CCS[13CH2]CCl.O"},
      {"CCC1(CC)C(=O)NC(=O)NC1=O", "CCC1(CC)C(O)=NC(=O)N=C1O"},
      {"CC1(C)OOC(C)(C)OO1", "C[C:1]1(C)O[18O]C(C)(C)OO1"},
      {"CCCO[N+](=O)[O-]", "CCC[O:9][15N+](=O)[O-]"},
      {"CC(=O)Oc1ccc2c3c1OC1C(OC(C)=O)C=CC4C(C2)N(C)CCC341",
       "CCC(=O)Oc1ccc2c3c1OC1C(OC(C)=O)C=CC4C(C2)N(C)CCC341.Cl"},
      {"C=CCOC(=O)CCC", "C=CCO[13C](=O)CCC"},
      {"c1ccc(cc1)N(N=O)C", "c1ccc(cc1)N([15N]=O)C"},
  };
  EXPECT_TRUE(assess("CN1C2CCC1C(C(=O)OC)C(O)C2").forbidden()) << "an ester of ecgonine";
  EXPECT_TRUE(assess("CN1CCC23CCCCC2C1Cc1ccc(OC(C)=O)cc13").forbidden()) << "an ester of levorphanol";
  for (const auto& [plain, disguise] : pairs) {
    const auto expected = assess(plain), report = assess(disguise);
    EXPECT_EQ(report.forbidden(), expected.forbidden()) << disguise;
    for (const char* region : kRegions)
      EXPECT_EQ(verdict(report, region), verdict(expected, region)) << disguise;
    EXPECT_EQ(report.score, expected.score) << disguise;
  }
}

TEST(Disguises, OrdinaryMaterialsKeepTheirVerdict) {
  const auto rows = read_table(std::string(ODORDIFF_TEST_DIR) + "/ordinary_materials.tsv", 6);
  EXPECT_GE(rows.size(), 500U);
  for (const auto& row : rows) {
    const auto report = assess(row.fields[0]);
    const std::string decision = report.forbidden()  ? "forbidden"
                                 : !report.in_domain ? "out of domain"
                                 : report.excluded() ? "excluded"
                                                     : "accepted";
    EXPECT_EQ(decision, row.fields[2]) << row.fields[1];
    for (std::size_t region = 0; region < std::size(kRegions); ++region)
      EXPECT_EQ(to_string(verdict(report, kRegions[region])), row.fields[3 + region]) << row.fields[1];
    EXPECT_TRUE(report.may_be_proposed()) << row.fields[1];
  }
}

TEST(Disguises, NothingThatIsLeftOutOfAMixtureIsListed) {
  for (const auto& smiles : chem::left_out_components()) {
    const auto report = assess(smiles);
    for (const auto& region : report.regions)
      EXPECT_TRUE(region.reasons.empty()) << smiles << " is on a list: " << region.reasons.front();
    EXPECT_TRUE(report.may_be_proposed()) << smiles;
  }
}

TEST(Disguises, AListedPartOfAMixtureCounts) {
  for (const char* smiles :
       {"CCCCCCCCCCCCCCCC.CC(C)OP(C)(=O)F", "CCO.OO.CCCCCCCC", "CC(C)=CCCC(C)(O)C=C.NC(C)Cc1ccccc1"})
    EXPECT_FALSE(assess(smiles).may_be_proposed()) << smiles;
  const auto salt = assess("[K+].[O-][Mn](=O)(=O)=O.OCC(O)CO");
  EXPECT_FALSE(salt.may_be_proposed());
  EXPECT_EQ(verdict(salt, "EU"), Verdict::Controlled);
  EXPECT_EQ(verdict(assess("[NH4+].[O-][N+](=O)[O-].CCCCCCCCCCCC"), "EU"), Verdict::Controlled);
}

// Isomers that reach each other through an enol are materials of their own.
TEST(Disguises, LastingIsomersAreNotTautomers) {
  EXPECT_EQ(verdict(assess("CCCC=CC=O"), "IFRA"), Verdict::Restricted);      // 2-hexenal
  EXPECT_EQ(verdict(assess("CCC=CCC=O"), "IFRA"), Verdict::NotListed);       // 3-hexenal
  EXPECT_EQ(verdict(assess("CC=CCC(=O)CCCC"), "IFRA"), Verdict::NotListed);  // 2-octen-4-one's next isomer
}

TEST(ControlledPrecursors, AreHandledWithANoteAndNeverProposed) {
  for (const char* smiles : {"O=Cc1ccc2OCOc2c1", "O=C(O)Cc1ccccc1", "CC(C)=O", "Cc1ccccc1", "CC(=O)OC(C)=O",
                             "C[N+](=O)[O-]", "OCCN(CCO)CCO", "C=CCc1ccc2OCOc2c1"}) {
    const auto report = assess(smiles);
    EXPECT_FALSE(report.forbidden()) << smiles;
    EXPECT_FALSE(report.may_be_proposed()) << smiles;
    EXPECT_NE(report.note().find("never proposed"), std::string::npos) << smiles;
    EXPECT_NE(verdict(report, "IFRA"), Verdict::Controlled) << smiles << ": IFRA controls nothing";
    EXPECT_EQ(verdict(report, "EU"), Verdict::Controlled) << smiles;
    EXPECT_TRUE(report.score) << smiles;
    EXPECT_FALSE(shipped().forbids(chem::Molecule::parse(smiles))) << smiles;
    EXPECT_NO_THROW(shipped().lists().accept(smiles, "nothing")) << smiles;
    EXPECT_THROW(shipped().lists().refuse_to_propose(chem::Molecule::parse(smiles), "no route"),
                 InvalidInput);
  }
  EXPECT_FALSE(assess("CC(C)=O").excluded());
  EXPECT_FALSE(assess("O=Cc1ccc2OCOc2c1").excluded());
}

}  // namespace
}  // namespace odordiff::safety
