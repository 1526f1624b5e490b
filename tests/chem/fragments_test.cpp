// Parts to keep.
#include "chem/fragments.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace odordiff::chem {
namespace {

std::vector<std::string> names(const char* smiles, std::size_t count = 8) {
  std::vector<std::string> out;
  for (const auto& fragment : fragments(Molecule::parse(smiles), count))
    out.push_back(fragment.molecule.smiles());
  return out;
}

TEST(Fragments, AreWhatIsLeftWhenOneBondIsCutRingsFirst) {
  const auto parts = names("CC(=O)OCCc1ccccc1");
  ASSERT_FALSE(parts.empty());
  EXPECT_EQ(parts.front(), "OCCc1ccccc1");
  EXPECT_NE(std::find(parts.begin(), parts.end(), "CC(=O)O"), parts.end());
  EXPECT_EQ(std::find(parts.begin(), parts.end(), "CC"), parts.end());  // too small
}

TEST(Fragments, NameTheirAtomsInTheWhole) {
  const auto whole = Molecule::parse("CC(=O)OCCC(C)C");
  for (const auto& fragment : fragments(whole)) {
    EXPECT_EQ(static_cast<int>(fragment.atoms.size()), fragment.molecule.heavy_atoms());
    EXPECT_TRUE(std::is_sorted(fragment.atoms.begin(), fragment.atoms.end()));
    EXPECT_LT(fragment.molecule.heavy_atoms(), whole.heavy_atoms());
  }
}

TEST(Fragments, AreAsManyAsAskedAndNoneWhereNothingCanBeCut) {
  EXPECT_EQ(names("CC(=O)OCCc1ccccc1", 2).size(), 2U);
  EXPECT_TRUE(names("c1ccccc1").empty());
  EXPECT_TRUE(names("C").empty());
}

}  // namespace
}  // namespace odordiff::chem
