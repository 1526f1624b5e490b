// Properties against values known from RDKit's documentation and from counting by hand.
#include "chem/descriptors.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "shared_data.h"

namespace odordiff::chem {
namespace {

float descriptor(const char* smiles, std::string_view name) {
  const auto names = descriptor_names();
  const auto at = std::find(names.begin(), names.end(), name) - names.begin();
  return descriptor_vector(Molecule::parse(smiles)).at(static_cast<std::size_t>(at));
}

TEST(Properties, OfVanillin) {
  const Properties p = properties(Molecule::parse("COc1cc(C=O)ccc1O"));
  EXPECT_NEAR(p.molecular_weight, 152.149, 1e-3);
  EXPECT_NEAR(p.logp, 1.2133, 1e-4);
  EXPECT_NEAR(p.tpsa, 46.53, 1e-2);
  EXPECT_NEAR(p.fraction_csp3, 0.125, 1e-12);
  EXPECT_EQ(p.h_bond_donors, 1);
  EXPECT_EQ(p.h_bond_acceptors, 3);
  EXPECT_EQ(p.rotatable_bonds, 2);
  EXPECT_EQ(p.rings, 1);
  EXPECT_EQ(p.aromatic_rings, 1);
  EXPECT_EQ(p.stereocenters, 0);
}

TEST(Properties, CountStereocentresAssignedOrNot) {
  EXPECT_EQ(properties(Molecule::parse("CC1=CC[C@@H](CC1)C(C)=C")).stereocenters, 1);
  EXPECT_EQ(properties(Molecule::parse("CC1=CCC(CC1)C(C)=C")).stereocenters, 1);
  EXPECT_EQ(properties(Molecule::parse("CC(C)C1CCC(C)CC1O")).stereocenters, 3);
}

TEST(Descriptors, CountFunctionalGroups) {
  EXPECT_EQ(descriptor("CC(=O)OCCC(C)C", "esters"), 1.0F);
  EXPECT_EQ(descriptor("CC(=O)O", "esters"), 0.0F);
  EXPECT_EQ(descriptor("CC(=O)O", "acids"), 1.0F);
  EXPECT_EQ(descriptor("CCCC=O", "aldehydes"), 1.0F);
  EXPECT_EQ(descriptor("C=O", "aldehydes"), 1.0F);
  EXPECT_EQ(descriptor("CC(C)=O", "ketones"), 1.0F);
  EXPECT_EQ(descriptor("CC(=O)OC", "ketones"), 0.0F);
  EXPECT_EQ(descriptor("OCCO", "alcohols"), 2.0F);
  EXPECT_EQ(descriptor("Oc1ccccc1", "alcohols"), 0.0F);
  EXPECT_EQ(descriptor("FC(Cl)(Br)I", "halogens"), 4.0F);
}

TEST(Descriptors, AreNamedOnce) {
  const auto names = descriptor_names();
  EXPECT_EQ(std::set<std::string_view>(names.begin(), names.end()).size(), kDescriptorCount);
  EXPECT_EQ(std::count(names.begin(), names.end(), ""), 0);
}

TEST(Descriptors, AreFiniteForEveryMolecule) {
  auto subjects = shared_smiles(100);
  for (const auto* odd :
       {"*", "[H][H]", "[H+]", "[Na+].[Cl-]", "C", "[U]", "F", "C#C", "[Xe]", "S(F)(F)(F)(F)(F)F"}) {
    subjects.emplace_back(odd);
  }
  for (const auto& smiles : subjects) {
    for (const float value : descriptor_vector(Molecule::parse(smiles)))
      ASSERT_TRUE(std::isfinite(value)) << smiles;
  }
}

TEST(Descriptors, DoNotChangeTheMolecule) {
  const auto mol = Molecule::parse("CC1=CCC(CC1)C(C)=C");
  const auto before = descriptor_vector(mol);
  (void)properties(mol);
  EXPECT_EQ(descriptor_vector(mol), before);
  EXPECT_EQ(mol.flat_smiles(), mol.smiles());
}

}  // namespace
}  // namespace odordiff::chem
