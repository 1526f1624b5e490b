// Parsing, canonical forms, fragments and patterns.
#include "chem/molecule.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/error.h"

namespace odordiff::chem {
namespace {

const std::vector<std::string> kBadSmiles = {"",
                                             " \t\n",
                                             "C(",
                                             "C1CC",
                                             "CC)",
                                             "C=(O",
                                             "[C",
                                             "[Xx]",
                                             "c1cccc1",
                                             "C(C)(C)(C)(C)C",
                                             "F=F",
                                             "CC O",
                                             "CC |x|",
                                             "C\xc3\xa9",
                                             "\x01",
                                             "not a molecule",
                                             "[C@@@@H](F)(Cl)Br",
                                             "C%",
                                             "C==C",
                                             "n1cccc1",
                                             "C1CC2",
                                             "[",
                                             "()",
                                             "<mask>",
                                             "CC?",
                                             std::string("C\0C", 3)};

// Where another thread may be reading it.
TEST(Molecule, TheFirstParsedLeavesTheEnvironmentAlone) {
  char** const before = ::environ;
  (void)Molecule::parse("C/C=C/C");
  EXPECT_EQ(::environ, before);
}

TEST(Molecule, RefusesWhatIsNoMoleculeWithOneLine) {
  for (const auto& smiles : kBadSmiles) {
    EXPECT_FALSE(Molecule::try_parse(smiles)) << smiles;
    try {
      Molecule::parse(smiles);
      ADD_FAILURE() << "accepted " << smiles;
    } catch (const InvalidInput& e) {
      const std::string text = e.what();
      EXPECT_FALSE(text.empty());
      EXPECT_EQ(text.find('\n'), std::string::npos) << text;
      EXPECT_LT(text.size(), 300U) << text;
    }
  }
}

TEST(Molecule, SaysWhichAtomHasTooManyBonds) {
  try {
    Molecule::parse("CC(C)(C)(C)C");
    FAIL() << "no error";
  } catch (const InvalidInput& e) {
    EXPECT_NE(std::string(e.what()).find("valence"), std::string::npos) << e.what();
  }
}

// Written as aromatic, in a ring that cannot be: found by fuzzing, its canonical form would not parse.
TEST(Molecule, CountsTheBondsOfAnAromaticAtomInAPlainRing) {
  for (const char* smiles : {"Cn1=CCCC(CC1)C(C)=C", "Cn1=CC1"}) {
    EXPECT_FALSE(Molecule::try_parse(smiles)) << smiles;
    EXPECT_THROW(Molecule::parse(smiles), InvalidInput) << smiles;
  }
  EXPECT_EQ(Molecule::parse("n1=CCCCC1").smiles(), "C1=NCCCC1");
}

TEST(Molecule, PrintsNothingAboutBadOrOddInput) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  for (const auto& smiles : kBadSmiles) (void)Molecule::try_parse(smiles);
  for (const auto* odd : {"[H][H]", "[H+]", "C[C@H](C)C", "C/C=C", "[Na]", "*"})
    (void)Molecule::try_parse(odd);
  EXPECT_THROW(Molecule::parse("CC").match("[C"), InvalidInput);
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

// `count` methanes: many atoms that are quick to parse.
std::string methanes(int count) {
  std::string out = "C";
  for (int i = 1; i < count; ++i) out += ".C";
  return out;
}

TEST(Molecule, AcceptsAtMostTwoThousandCharacters) {
  EXPECT_EQ(Molecule::parse(methanes(1000) + "C").heavy_atoms(), 1001);
  EXPECT_THROW(Molecule::parse(methanes(1000) + "CC"), InvalidInput);
}

TEST(Molecule, IgnoresSpaceAround) {
  EXPECT_EQ(Molecule::parse("  OCC\n").smiles(), "CCO");
}

TEST(Molecule, WritesOneCanonicalFormForAllWritings) {
  for (const auto* writing : {"c1ccccc1C", "Cc1ccccc1", "C1=CC=CC=C1C", "CC=1C=CC=CC1"}) {
    EXPECT_EQ(Molecule::parse(writing).smiles(), "Cc1ccccc1") << writing;
  }
}

TEST(Molecule, KeepsStereoWhereWrittenAndDropsItInTheFlatForm) {
  const auto left = Molecule::parse("CC1=CC[C@@H](CC1)C(C)=C");
  const auto right = Molecule::parse("CC1=CC[C@H](CC1)C(C)=C");
  EXPECT_NE(left.smiles(), right.smiles());
  EXPECT_EQ(left.flat_smiles(), right.flat_smiles());
  EXPECT_EQ(left.flat_smiles(), Molecule::parse("CC1=CCC(CC1)C(C)=C").smiles());
  EXPECT_NE(Molecule::parse("CC/C=C\\CCO").smiles(), Molecule::parse("CC/C=C/CCO").smiles());
  EXPECT_EQ(Molecule::parse("CC/C=C\\CCO").flat_smiles(), "CCC=CCCO");
}

TEST(Molecule, ReducesASaltToItsLargestNeutralFragment) {
  const auto neutral = [](const char* smiles) {
    return Molecule::parse(smiles).neutral_largest_fragment().smiles();
  };
  EXPECT_EQ(neutral("[Na+].[O-]C(=O)c1ccccc1"), "O=C(O)c1ccccc1");
  EXPECT_EQ(neutral("Cl.NCCc1ccccc1"), "NCCc1ccccc1");
  EXPECT_EQ(neutral("[Cl-].[NH3+]CCc1ccccc1"), "NCCc1ccccc1");
  EXPECT_EQ(neutral("CC([NH3+])C(=O)[O-]"), "CC(N)C(=O)O");
  EXPECT_EQ(neutral("[K+].C[C@H](O)C(=O)[O-]"), "C[C@H](O)C(=O)O");
  EXPECT_EQ(neutral("CCO"), "CCO");
}

TEST(Molecule, KeepsChargesThatNoProtonCanLift) {
  EXPECT_EQ(Molecule::parse("C[N+](=O)[O-]").neutral_largest_fragment().smiles(), "C[N+](=O)[O-]");
  EXPECT_EQ(Molecule::parse("C[N+](C)(C)C.[Cl-]").neutral_largest_fragment().formal_charge(), 1);
}

TEST(Molecule, ChoosesBetweenEqualFragmentsByTheirSmiles) {
  EXPECT_EQ(Molecule::parse("CCO.CCN").neutral_largest_fragment().smiles(), "CCN");
  EXPECT_EQ(Molecule::parse("CCN.CCO").neutral_largest_fragment().smiles(), "CCN");
}

TEST(Molecule, TellsFormulaAtomsAndCharge) {
  const auto vanillin = Molecule::parse("COc1cc(C=O)ccc1O");
  EXPECT_EQ(vanillin.formula(), "C8H8O3");
  EXPECT_EQ(vanillin.heavy_atoms(), 11);
  EXPECT_EQ(vanillin.formal_charge(), 0);
  EXPECT_EQ(Molecule::parse("CCO").atomic_numbers(), (std::vector<int>{6, 6, 8}));
  EXPECT_EQ(Molecule::parse("[H][H]").heavy_atoms(), 0);
  EXPECT_EQ(Molecule::parse("C[NH3+]").formal_charge(), 1);
}

TEST(Molecule, MatchesPatternsAtomByAtom) {
  const auto mol = Molecule::parse("CC(=O)OCC");
  EXPECT_EQ(mol.match("C(=O)O"), (std::vector<std::vector<int>>{{1, 2, 3}}));
  EXPECT_TRUE(mol.match("N").empty());
  EXPECT_EQ(mol.match("[CH3]").size(), 2U);
  EXPECT_THROW(mol.match("C("), InvalidInput);
  EXPECT_THROW(mol.match(""), InvalidInput);
}

TEST(Molecule, FindsMoreMatchesThanAThousand) {
  EXPECT_EQ(Molecule::parse(methanes(1000) + "C").match("C").size(), 1001U);
}

TEST(Pattern, CompiledOnceGivesTheSameMatches) {
  const Pattern ester("[CX3](=O)[OX2H0][#6]");
  EXPECT_TRUE(ester.matches(Molecule::parse("CC(=O)OCC")));
  EXPECT_FALSE(ester.matches(Molecule::parse("CC(=O)O")));
  EXPECT_EQ(ester.match(Molecule::parse("COC(=O)CC(=O)OC")).size(), 2U);
}

}  // namespace
}  // namespace odordiff::chem
