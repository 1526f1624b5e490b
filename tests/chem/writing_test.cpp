// Random writings and growing prefixes: whatever is written is the same molecule when read again.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "chem/molecule.h"
#include "shared_data.h"

namespace odordiff::chem {
namespace {

constexpr std::size_t kStride = 300;

const std::vector<std::string> kHardCases = {"c1cc[nH]c1",
                                             "Cc1c[nH]c2ccccc12",
                                             "c1nc[nH]n1",
                                             "C[N+](=O)[O-]",
                                             "CC(=O)[O-].[Na+]",
                                             "c1ccc(-c2ccccc2)cc1",
                                             "C12C3C4C1C5C2C3C45",
                                             "CS(=O)(=O)c1ccccc1",
                                             "C[Si](C)(C)C",
                                             "[13CH3]O",
                                             "C#N",
                                             "O=c1cc[nH]cc1",
                                             "C[C@H](N)C(=O)O",
                                             "C/C=C/C",
                                             "c1cc[n+]([O-])cc1",
                                             "CP(=O)(OC)OC",
                                             "C1CC2CCC1C2"};

std::vector<std::string> subjects() {
  auto out = shared_smiles(kStride);
  out.insert(out.end(), kHardCases.begin(), kHardCases.end());
  return out;
}

// Letters outside brackets that only aromatic atoms are written with.
bool writes_aromatic_atoms(const std::string& smiles) {
  bool in_bracket = false;
  for (std::size_t i = 0; i < smiles.size(); ++i) {
    if (smiles[i] == '[') in_bracket = true;
    if (smiles[i] == ']') in_bracket = false;
    if (!in_bracket && std::string("bcnops").find(smiles[i]) != std::string::npos) return true;
  }
  return false;
}

TEST(RandomSmiles, ReadsBackAsTheSameFlatMoleculeForAnySeed) {
  for (const auto& smiles : subjects()) {
    const auto mol = Molecule::parse(smiles);
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
      for (const bool kekule : {false, true}) {
        const std::string written = random_smiles(mol, seed, kekule);
        const auto again = Molecule::try_parse(written);
        ASSERT_TRUE(again) << smiles << " as " << written;
        ASSERT_EQ(again->smiles(), mol.flat_smiles()) << smiles << " as " << written;
      }
    }
  }
}

TEST(RandomSmiles, InKekuleFormHasNoAromaticAtomsAndNoBracketHydrogen) {
  for (const auto& smiles : subjects()) {
    const auto mol = Molecule::parse(smiles);
    const std::string written = random_smiles(mol, 5, true);
    ASSERT_FALSE(writes_aromatic_atoms(written)) << smiles << " as " << written;
    ASSERT_EQ(written.find("[nH]"), std::string::npos) << written;
    ASSERT_EQ(written.find("[NH]"), std::string::npos) << written;
    ASSERT_EQ(written.find_first_of("@/\\:"), std::string::npos) << written;
  }
}

TEST(RandomSmiles, IsDrawnFromItsSeedAlone) {
  const auto mol = Molecule::parse("CC(C)=CCCC(C)(O)C=C");
  std::set<std::string> writings;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    EXPECT_EQ(random_smiles(mol, seed, true), random_smiles(mol, seed, true));
    writings.insert(random_smiles(mol, seed, true));
  }
  EXPECT_GT(writings.size(), 20U);
}

TEST(GrowingPrefixes, EndAtEachAtomWithAFreeHydrogen) {
  EXPECT_EQ(growing_prefixes(Molecule::parse("Cc1ccccc1"), 1).size(), 6U);
  EXPECT_EQ(growing_prefixes(Molecule::parse("CC(C)(C)C"), 1).size(), 4U);
  EXPECT_EQ(growing_prefixes(Molecule::parse("O"), 1), std::vector<std::string>{"O"});
  EXPECT_TRUE(growing_prefixes(Molecule::parse("ClC(Cl)(Cl)Cl"), 1).empty());
}

TEST(GrowingPrefixes, DummiesSayWhereToGrow) {
  const auto count = [](const char* smiles) { return growing_prefixes(Molecule::parse(smiles), 1).size(); };
  EXPECT_EQ(count("*c1ccccc1"), 1U);
  EXPECT_EQ(count("[*:1]c1ccccc1"), 1U);
  EXPECT_EQ(count("[*:1]c1ccc([*:2])cc1"), 2U);
  EXPECT_EQ(count("CC(=O)O*"), 1U);
  EXPECT_EQ(count("*n1cccc1"), 1U);
  EXPECT_EQ(count("*"), 0U);
  for (const auto& prefix : growing_prefixes(Molecule::parse("*CCc1ccccc1"), 1)) {
    EXPECT_EQ(Molecule::parse(prefix + "O").smiles(), Molecule::parse("OCCc1ccccc1").smiles()) << prefix;
  }
}

TEST(UnwritableAtoms, AreNamedOnceEach) {
  const auto kinds = [](const char* smiles) { return unwritable_atoms(Molecule::parse(smiles)); };
  EXPECT_TRUE(kinds("CC(=O)OCCc1ccccc1").empty());
  EXPECT_TRUE(kinds("*c1ccccc1").empty());
  EXPECT_EQ(kinds("C[Si](C)(C)O[Si](C)(C)C"), std::vector<std::string>{"Si"});
  EXPECT_EQ(kinds("C[N+](C)(C)C"), std::vector<std::string>{"N+"});
}

TEST(GrowingPrefixes, WithACarbonAreTheMethylatedScaffolds) {
  const auto products = [](const char* scaffold, std::uint64_t seed) {
    std::vector<std::string> out;
    for (const auto& prefix : growing_prefixes(Molecule::parse(scaffold), seed)) {
      out.push_back(Molecule::parse(prefix + "C").smiles());
    }
    return out;
  };
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    EXPECT_EQ(products("Oc1ccccc1", seed),
              (std::vector<std::string>{"COc1ccccc1", "Cc1ccccc1O", "Cc1cccc(O)c1", "Cc1ccc(O)cc1",
                                        "Cc1cccc(O)c1", "Cc1ccccc1O"}));
    EXPECT_EQ(
        products("c1cc[nH]c1", seed),
        (std::vector<std::string>{"Cc1cc[nH]c1", "Cc1cc[nH]c1", "Cc1ccc[nH]1", "Cn1cccc1", "Cc1ccc[nH]1"}));
    EXPECT_EQ(products("CC[NH3+].[Cl-]", seed),
              (std::vector<std::string>{"CCC[NH3+].[Cl-]", "CC(C)[NH3+].[Cl-]", "CC[NH2+]C.[Cl-]"}));
  }
}

TEST(GrowingPrefixes, GrowByOneAtomOnAnyMolecule) {
  for (const auto& smiles : subjects()) {
    const auto scaffold = Molecule::parse(smiles);
    for (const auto& prefix : growing_prefixes(scaffold, 3)) {
      const auto grown = Molecule::try_parse(prefix + "C");
      ASSERT_TRUE(grown) << smiles << " as " << prefix;
      ASSERT_EQ(grown->heavy_atoms(), scaffold.heavy_atoms() + 1) << smiles << " as " << prefix;
      ASSERT_EQ(grown->formal_charge(), scaffold.formal_charge()) << smiles << " as " << prefix;
    }
  }
}

}  // namespace
}  // namespace odordiff::chem
