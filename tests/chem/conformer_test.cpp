// Shapes in space.
#include "chem/conformer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <vector>

#include "base/error.h"

namespace odordiff::chem {
namespace {

struct Point {
  double x, y, z;
  std::string element;
};

std::vector<Point> atoms_of(const std::string& block) {
  std::istringstream lines(block);
  std::string line;
  for (int i = 0; i < 4; ++i) std::getline(lines, line);
  const int count = std::stoi(line.substr(0, 3));
  std::vector<Point> out;
  for (int i = 0; i < count; ++i) {
    std::getline(lines, line);
    std::istringstream fields(line);
    Point point;
    fields >> point.x >> point.y >> point.z >> point.element;
    out.push_back(point);
  }
  return out;
}

TEST(Conformer, PlacesEveryAtomWithItsHydrogensInSpaceApartFromTheOthers) {
  const auto atoms = atoms_of(mol_block_3d(Molecule::parse("CC(C)=CCCC(C)(O)C=C"), "linalool"));
  ASSERT_EQ(atoms.size(), 11U + 18U);
  double depth = 0;
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    depth = std::max(depth, std::abs(atoms[i].z));
    for (std::size_t j = 0; j < i; ++j) {
      EXPECT_GT(std::hypot(atoms[i].x - atoms[j].x, atoms[i].y - atoms[j].y, atoms[i].z - atoms[j].z), 0.8);
    }
  }
  EXPECT_GT(depth, 0.5);  // not flat
}

TEST(Conformer, IsTheSameEachTime) {
  const auto mol = Molecule::parse("COc1cc(C=O)ccc1O");
  EXPECT_EQ(mol_block_3d(mol, "vanillin"), mol_block_3d(mol, "vanillin"));
}

TEST(Conformer, KeepsTheHandednessThatIsWritten) {
  const auto twisted = [](const char* smiles) { return mol_block_3d(Molecule::parse(smiles), ""); };
  EXPECT_NE(twisted("CC(=C)[C@H]1CCC(C)=CC1"), twisted("CC(=C)[C@@H]1CCC(C)=CC1"));
}

TEST(Conformer, TakesMusksAndCages) {
  for (const char* smiles : {"O=C1CCCCCCCCCCCCCC1", "CC1(C)C2CCC1(C)C(=O)C2", "[SiH4]", "O"}) {
    EXPECT_FALSE(atoms_of(mol_block_3d(Molecule::parse(smiles), "")).empty()) << smiles;
  }
}

TEST(Conformer, RefusesWhatHasNoOneShape) {
  for (const std::string& smiles : {std::string(200, 'C'), std::string("CCO.CC"), std::string("*CC")}) {
    EXPECT_THROW(mol_block_3d(Molecule::parse(smiles), ""), InvalidInput) << smiles;
  }
}

}  // namespace
}  // namespace odordiff::chem
