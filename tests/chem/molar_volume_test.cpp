#include "chem/molar_volume.h"

#include <gtest/gtest.h>

namespace odordiff::chem {
namespace {

double volume(const char* smiles) {
  return molar_volume_cm3(Molecule::parse(smiles));
}

TEST(MolarVolume, IsCloseToWhatDensitiesGive) {
  // Molecular weight over density at 20 °C, CRC Handbook of Chemistry and Physics, 97th ed.
  EXPECT_NEAR(volume("CCCCCC"), 86.18 / 0.661, 10);
  EXPECT_NEAR(volume("c1ccccc1"), 78.11 / 0.877, 9);
  EXPECT_NEAR(volume("CCOC(C)=O"), 88.11 / 0.900, 10);
  EXPECT_NEAR(volume("CCCCCCCCO"), 130.23 / 0.826, 16);
  EXPECT_NEAR(volume("CC1=CCC(CC1)C(C)=C"), 136.24 / 0.841, 16);
}

TEST(MolarVolume, GrowsWithEveryCarbon) {
  EXPECT_LT(volume("CCCO"), volume("CCCCO"));
  EXPECT_GT(volume("CCCCO"), 0);
}

}  // namespace
}  // namespace odordiff::chem
