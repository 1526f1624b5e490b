// Ring scaffolds: molecules that differ in what hangs on their rings are of one kind.
#include "chem/scaffold.h"

#include <gtest/gtest.h>

namespace odordiff::chem {
namespace {

TEST(RingScaffold, KeepsRingsAndWhatJoinsThem) {
  const auto scaffold = [](const char* smiles) { return ring_scaffold(Molecule::parse(smiles)); };
  EXPECT_EQ(scaffold("COc1cc(C=O)ccc1O"), "c1ccccc1");
  EXPECT_EQ(scaffold("CCCC1CCCCC1=O"), scaffold("OC1CCCCC1"));
  EXPECT_EQ(scaffold("CC(c1ccccc1)CC1CCCC1"), "c1ccc(CCC2CCCC2)cc1");
  EXPECT_EQ(scaffold("CC(=O)OCCC(C)C"), "");
}

}  // namespace
}  // namespace odordiff::chem
