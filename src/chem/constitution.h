// What a molecule is made of, as far as it decides whether a model may speak about it.
#pragma once

#include <vector>

#include "chem/molecule.h"

namespace odordiff::chem {

struct Constitution {
  int heavy_atoms = 0;
  int carbons = 0;
  int components = 0;          // covalent fragments
  int formal_charge = 0;       // of the whole
  bool charged_atoms = false;  // outside charge-separated groups such as nitro
  bool radical = false;        // an unpaired electron
  bool isotope = false;        // a marked isotope
  bool dummy = false;          // an atom without an element, as in a repeat unit
  std::vector<int> elements;   // atomic numbers of the heavy atoms that occur, ascending
};
Constitution constitution(const Molecule& mol);

}  // namespace odordiff::chem
