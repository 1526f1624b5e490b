// What a Molecule holds, for the files of this folder: the one header here that shows RDKit's types.
#pragma once

#include <GraphMol/ROMol.h>
#include <GraphMol/RWMol.h>

#include <array>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "chem/descriptors.h"
#include "chem/molecule.h"

namespace odordiff::chem {

// RDKit caches what it computes inside the molecule, even through const. So a shared `mol` is only walked or
// copied; whatever may cache (descriptors, distances, stereo perception, depiction) works on editable_copy().
struct Molecule::Impl {
  std::unique_ptr<const RDKit::ROMol> mol;
  std::string smiles;
  bool written_canonically = false;  // it was read from `smiles` itself
  std::vector<unsigned> order;       // atoms of `mol` in the order in which `smiles` names them
  // What the rings and features of a molecule are found to be depends in rare cases on the order of its
  // atoms. So they are looked for in this, read again from `smiles`; empty where `mol` is it. See
  // canonical_mol().
  mutable std::once_flag reordered;
  mutable std::unique_ptr<const RDKit::ROMol> canonical;
  // Several readers want these of the same molecule and they are dear to compute: made on first use, see
  // descriptors.cpp.
  mutable std::once_flag counted;
  mutable std::string formula;
  mutable std::once_flag described;
  mutable Properties properties;
  mutable std::array<float, kDescriptorCount> descriptors{};
};

inline const RDKit::ROMol& rdkit_mol(const Molecule& mol) {
  return *mol.impl().mol;
}

// `mol` with its atoms in the order of its canonical SMILES: what is computed of it does not depend on how it
// was written. from_canonical() is the atom of rdkit_mol(mol) that is meant.
const RDKit::ROMol& canonical_mol(const Molecule& mol);
int from_canonical(const Molecule& mol, std::size_t canonical_atom);

inline RDKit::RWMol canonical_copy(const Molecule& mol) {
  return RDKit::RWMol(canonical_mol(mol));
}

inline RDKit::RWMol editable_copy(const Molecule& mol) {
  return RDKit::RWMol(rdkit_mol(mol));
}

// `mol` in Kekulé form: no aromatic flags, and no hydrogen counts where the default valence says the same, so
// that pyrrole's nitrogen is written as plain N.
void make_kekule(RDKit::RWMol& mol);

// Tetrahedral centres, assigned or not. Perceives stereo anew in `mol`.
int count_stereocenters(RDKit::ROMol& mol);

// Turns RDKit's logs off, once a process.
void silence_rdkit();

// `title` as the first line of a mol block takes it: at most 80 bytes, without control characters.
std::string one_line(const std::string& title);

// The first line of what an RDKit exception says.
std::string first_line(const std::exception& error);

// Gives `mol`, with its hydrogens, a conformer in space, the same for the same molecule; false where none is
// found. In conformer.cpp.
bool place_in_space(RDKit::ROMol& mol);

}  // namespace odordiff::chem
