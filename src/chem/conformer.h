// A molecule in space, for people to look at.
#pragma once

#include <string>

#include "chem/molecule.h"

namespace odordiff::chem {

inline constexpr int kMostConformerAtoms = 80;  // heavy ones: what is placed within a second or so

// A V2000 mol block with hydrogens and 3D coordinates: one conformer, placed by RDKit's ETKDG and relaxed in
// the MMFF94 force field where that knows the atoms. One of many shapes that the molecule takes, not the one
// it smells by. The same for the same molecule. Throws InvalidInput for molecules of more than
// kMostConformerAtoms heavy atoms, of several fragments, with dummy atoms, and where no shape is found.
std::string mol_block_3d(const Molecule& mol, const std::string& title);

}  // namespace odordiff::chem
