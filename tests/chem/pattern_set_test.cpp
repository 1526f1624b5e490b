// A set of patterns says what each pattern alone says; the constitution says what a molecule is made of.
#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "chem/constitution.h"
#include "chem/filter_catalog.h"
#include "chem/pattern_set.h"
#include "chem/rich_descriptors.h"

namespace odordiff::chem {
namespace {

TEST(PatternSet, AgreesWithEachPatternAlone) {
  const std::vector<std::string> smarts = {"[CX3]=[OX1]",        "[#7]",  "[N,O;H1]", "c1ccccc1",
                                           "[$(C=C),$(C#C)]",    "[!#6]", "[S,P]",    "[Cl]",
                                           "[#6]~[#6]~[#6]~[#6]"};
  PatternSet set;
  for (std::size_t i = 0; i < smarts.size(); ++i) EXPECT_EQ(set.add(smarts[i]), i);
  for (const char* smiles : {"CC(=O)OCCC(C)C", "c1ccncc1", "ClCCS", "CC#N", "C", "O=Cc1ccccc1O"}) {
    const auto mol = Molecule::parse(smiles);
    std::vector<bool> hit(smarts.size(), false);
    for (const auto& h : set.match(mol)) hit[h.pattern] = true;
    for (std::size_t i = 0; i < smarts.size(); ++i)
      EXPECT_EQ(hit[i], Pattern(smarts[i]).matches(mol)) << smiles << " " << smarts[i];
  }
}

TEST(PatternSet, EvidenceIsTheAtomsOfAllMatches) {
  PatternSet set;
  set.add("C=O");
  const auto hits = set.match(Molecule::parse("O=CCCC=O"));
  ASSERT_EQ(hits.size(), 1U);
  EXPECT_EQ(hits[0].atoms, (std::vector<int>{0, 1, 4, 5}));
  EXPECT_THROW(set.add("[C"), InvalidInput);
}

TEST(Constitution, NamesWhatIsUnusual) {
  EXPECT_TRUE(constitution(Molecule::parse("[CH3]")).radical);
  EXPECT_TRUE(constitution(Molecule::parse("*CC*")).dummy);
  EXPECT_TRUE(constitution(Molecule::parse("[13CH4]")).isotope);
  EXPECT_TRUE(constitution(Molecule::parse("[NH4+]")).charged_atoms);
  EXPECT_FALSE(constitution(Molecule::parse("C[N+](=O)[O-]")).charged_atoms);
  EXPECT_EQ(constitution(Molecule::parse("CCO.CCO")).components, 2);
  EXPECT_EQ(constitution(Molecule::parse("CCOS")).elements, (std::vector<int>{6, 8, 16}));
}

TEST(FilterCatalog, FindsAGroupWithItsAtoms) {
  const FilterCatalog catalog;
  const auto hits = catalog.matches(Molecule::parse("CC(C)=CCCC(C)=CC=O"));
  ASSERT_FALSE(hits.empty());
  for (const auto& hit : hits) EXPECT_FALSE(hit.atoms.empty()) << hit.name;
}

TEST(RichDescriptors, AreFiniteForOddMolecules) {
  for (const char* smiles : {"[Fe]", "*", "C", "[Na+].[Cl-]", "F[P-](F)(F)(F)(F)F", "CC(=O)OCCC(C)C"}) {
    for (const float x : rich_descriptor_vector(Molecule::parse(smiles)))
      EXPECT_TRUE(std::isfinite(x)) << smiles;
  }
}

}  // namespace
}  // namespace odordiff::chem
