// What must never leave the program is recognised, as itself, as a salt, as a stereoisomer and as a near
// relative.
#include <gtest/gtest.h>

#include "base/table_file.h"
#include "shipped.h"

namespace odordiff::safety {
namespace {

void expect_forbidden(const std::string& smiles, const std::string& category) {
  const auto mol = chem::Molecule::parse(smiles);
  const auto report = shipped().assess(mol);
  EXPECT_TRUE(report.forbidden()) << smiles;
  EXPECT_TRUE(has(report, category, Severity::Critical)) << smiles << ": no " << category;
  EXPECT_TRUE(report.excluded(0)) << smiles << ": a threshold of 0 let it pass";
  EXPECT_EQ(report.score, 0.0) << smiles;
  EXPECT_TRUE(shipped().forbids(mol)) << smiles;
}

TEST(Forbidden, WeaponsOfTheSchedulesAndTheirKin) {
  for (const char* smiles :
       {"CC(C)OP(C)(=O)F", "CC(OP(C)(=O)F)C(C)(C)C", "C1CCCCC1OP(C)(=O)F", "CCOP(=O)(C#N)N(C)C",
        "CCOP(C)(=O)SCCN(C(C)C)C(C)C", "ClCCSCCCl", "ClCCSCCSCCCl", "ClCCN(C)CCCl", "ClCCN(CCCl)CCCl",
        "ClC=C[As](Cl)Cl", "OC(C(=O)OC1CN2CCC1CC2)(c1ccccc1)c1ccccc1", "O=C(Cl)Cl", "CC(O)C(C)(C)C",
        "OCCSCCO", "COP(C)(=O)OC", "CC(C)N(CCCl)C(C)C", "CC(C)N(CCS)C(C)C"}) {
    expect_forbidden(smiles, "chemical_weapon");
  }
}

TEST(Forbidden, Explosives) {
  for (const char* smiles : {"CCCO[N+](=O)[O-]", "Cc1c([N+](=O)[O-])cc([N+](=O)[O-])cc1[N+](=O)[O-]",
                             "C1N(CN(CN1[N+](=O)[O-])[N+](=O)[O-])[N+](=O)[O-]", "CCCCN=[N+]=[N-]",
                             "CC(C)(C)OO", "CC1(C)OOC(C)(C)OO1", "CC(C)C12CCC(C)(C=C1)OO2",
                             "Oc1ccc([N+](=O)[O-])cc1[N+](=O)[O-]", "c1nnn[nH]1"}) {
    expect_forbidden(smiles, "explosive");
  }
}

TEST(Forbidden, ControlledSubstancesAndPrecursors) {
  for (const char* smiles :
       {"CC(N)Cc1ccccc1", "CNC(C)Cc1ccccc1", "CNC(C)Cc1ccc2OCOc2c1", "CC(N)Cc1cc(OC)c(Br)cc1OC",
        "NCCc1cc(OC)c(Br)cc1OC", "CCC(=O)N(c1ccccc1)C1CCN(CCc2ccccc2)CC1",
        "CN1CCC23C4Oc5c(O)ccc(CC1C2C=CC4O)c35", "CN1CCC23C4Oc5c(OC)ccc(CC1(O)C2CCC4=O)c35",
        "COC(=O)C1C(OC(=O)c2ccccc2)CC2CCC1N2C", "CN(C)CCc1c[nH]c2ccccc12",
        "CCN(CC)C(=O)C1C=C2c3cccc4[nH]cc(CC2N(C)C1)c34", "CCCCCc1cc(O)c2C3C=C(C)CCC3C(C)(C)Oc2c1",
        "CNC(C)C(=O)c1ccccc1", "CNC1(CCCCC1=O)c1ccccc1Cl", "CCCCCn1cc(C(=O)c2cccc3ccccc23)c2ccccc12",
        "CCC1(c2ccccc2)C(=O)NC(=O)NC1=O", "CN1C(=O)CN=C(c2ccccc2)c2cc(Cl)ccc12", "CC(=O)Cc1ccccc1",
        "CNC(C)C(O)c1ccccc1"}) {
    expect_forbidden(smiles, "controlled_substance");
  }
}

TEST(Forbidden, SaltsAndStereoisomersToo) {
  for (const char* smiles :
       {"C[C@H](N)Cc1ccccc1", "C[C@@H](N)Cc1ccccc1.OS(=O)(=O)O", "C[C@H]([NH3+])Cc1ccccc1.[Cl-]",
        "CC(=O)Cc1ccccc1.O", "C[N+](C)(CCCl)CCCl.[Cl-]", "[O-]CCSCC[O-].[Na+].[Na+]"}) {
    const auto mol = chem::Molecule::parse(smiles);
    EXPECT_TRUE(shipped().assess(mol).forbidden()) << smiles;
    EXPECT_TRUE(shipped().forbids(mol)) << smiles;
  }
}

TEST(Forbidden, TheQuickCheckAgreesWithTheReportOnEveryEntry) {
  for (const auto& entry : shipped().regulations().entries()) {
    if (entry->family) continue;
    const auto mol = chem::Molecule::parse(entry->structure);
    EXPECT_EQ(shipped().forbids(mol), shipped().assess(mol).forbidden()) << entry->name;
    if (entry->status == Status::Controlled) {
      EXPECT_TRUE(shipped().forbids(mol)) << entry->name;
    }
  }
}

TEST(Forbidden, OrdinaryOdorantsAreNot) {
  for (const char* smiles :
       {"CC(=O)OCCC(C)C", "COc1cc(C=O)ccc1O", "CC(C)=CCCC(C)=CCO", "OCCc1ccccc1", "CC(=O)C=CC1C(C)=CCCC1(C)C",
        "CC(C)c1ccc(C)cc1O", "O=C1CCCCCCCCCCCCCCO1", "CCCCCC=O", "c1ccc2[nH]ccc2c1", "Cc1nccnc1C", "CSCCC=O",
        "CCCCCCCCCC#N", "COc1ccccc1N", "CC(C)CC(N)=O", "NCCc1ccccc1", "CC(C)(S)CC(C)=O",
        "CCC(C)c1nccnc1OC"}) {
    EXPECT_FALSE(shipped().forbids(chem::Molecule::parse(smiles))) << smiles;
  }
}

}  // namespace
}  // namespace odordiff::safety
