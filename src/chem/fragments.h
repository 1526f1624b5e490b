// The parts of a molecule that a designer might want to keep.
#pragma once

#include <vector>

#include "chem/molecule.h"

namespace odordiff::chem {

struct Fragment {
  Molecule molecule;       // with hydrogen where it was cut off
  std::vector<int> atoms;  // of the whole, ascending
};

// What is left of `mol` when one single bond outside rings is cut: parts of at least three heavy atoms, each
// structure once; those with rings or heteroatoms first, then those nearest to two thirds of the whole; at
// most `count`. Empty for a molecule that cannot be cut so.
std::vector<Fragment> fragments(const Molecule& mol, std::size_t count = 8);

}  // namespace odordiff::chem
