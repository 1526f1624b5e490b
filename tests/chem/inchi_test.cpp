// InChI strings and keys against published ones.
#include <gtest/gtest.h>

#include "base/error.h"
#include "chem/molecule.h"

namespace odordiff::chem {
namespace {

// False in a build without libinchi.
bool has_inchi() {
  try {
    (void)Molecule::parse("C").inchi();
    return true;
  } catch (const Unavailable&) {
    return false;
  }
}

class InChI : public testing::Test {
 protected:
  void SetUp() override {
    if (!has_inchi()) GTEST_SKIP() << "built without libinchi";
  }
  static std::string key(const char* smiles) { return Molecule::parse(smiles).inchikey(); }
};

TEST_F(InChI, KeysAreThePublishedOnes) {
  EXPECT_EQ(key("CCO"), "LFQSCWFLJHTTHZ-UHFFFAOYSA-N");
  EXPECT_EQ(key("COc1cc(C=O)ccc1O"), "MWOOGOJBHIARFG-UHFFFAOYSA-N");
  EXPECT_EQ(key("c1ccccc1"), "UHOVQNZJYSORNB-UHFFFAOYSA-N");
}

TEST_F(InChI, SaysTetrahedralStereo) {
  EXPECT_EQ(key("C[C@H](N)C(=O)O"), "QNAYBMKLOCPYGJ-REOHCLBHSA-N");          // L-alanine
  EXPECT_EQ(key("C[C@@H](N)C(=O)O"), "QNAYBMKLOCPYGJ-UWTATZPHSA-N");         // D-alanine
  EXPECT_EQ(key("CC1=CC[C@@H](CC1)C(C)=C"), "XMGQYMWWDOXHJM-JTQLQIEISA-N");  // (R)-limonene
  EXPECT_NE(key("C[C@](F)(Cl)Br"), key("C[C@@](F)(Cl)Br"));
}

TEST_F(InChI, SaysDoubleBondStereo) {
  EXPECT_EQ(Molecule::parse("C/C=C/C").inchi(), "InChI=1S/C4H8/c1-3-4-2/h3-4H,1-2H3/b4-3+");
  EXPECT_EQ(Molecule::parse("C/C=C\\C").inchi(), "InChI=1S/C4H8/c1-3-4-2/h3-4H,1-2H3/b4-3-");
  EXPECT_EQ(Molecule::parse("CC=CC").inchi(), "InChI=1S/C4H8/c1-3-4-2/h3-4H,1-2H3");
}

TEST_F(InChI, IsOneForAllWritingsOfAMolecule) {
  for (const auto* writing :
       {"C[C@H](N)C(=O)O", "N[C@@H](C)C(=O)O", "OC(=O)[C@H](C)N", "[H][C@@](C)(N)C(O)=O"}) {
    EXPECT_EQ(key(writing), "QNAYBMKLOCPYGJ-REOHCLBHSA-N") << writing;
  }
}

TEST_F(InChI, SaysIsotopesAndSalts) {
  EXPECT_EQ(Molecule::parse("[2H]C([2H])([2H])O").inchi(), "InChI=1S/CH4O/c1-2/h2H,1H3/i1D3");
  EXPECT_EQ(key("CC(=O)[O-].[Na+]"), "VMHLLURERBWHNL-UHFFFAOYSA-M");
}

TEST_F(InChI, RefusesWhatItCannotSayQuietly) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  EXPECT_THROW(Molecule::parse("C*").inchi(), InvalidInput);
  std::string ethanes = "CC";
  for (int i = 1; i < 512; ++i) ethanes += ".CC";
  EXPECT_THROW(Molecule::parse(ethanes).inchikey(), InvalidInput);
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace odordiff::chem
