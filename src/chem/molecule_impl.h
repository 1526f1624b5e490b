// What a Molecule holds, for the files of this folder: the one header here that shows RDKit's types.
#pragma once

#include <GraphMol/ROMol.h>
#include <GraphMol/RWMol.h>

#include <array>
#include <memory>
#include <mutex>
#include <string>

#include "chem/descriptors.h"
#include "chem/molecule.h"

namespace odordiff::chem {

// RDKit caches what it computes inside the molecule, even through const. So a shared `mol` is only walked or
// copied; whatever may cache (descriptors, distances, stereo perception, depiction) works on editable_copy().
struct Molecule::Impl {
  std::unique_ptr<const RDKit::ROMol> mol;
  std::string smiles;
  // Several readers want these of the same molecule and they are dear to compute: made on first use, see
  // descriptors.cpp.
  mutable std::once_flag described;
  mutable Properties properties;
  mutable std::array<float, kDescriptorCount> descriptors{};
};

inline const RDKit::ROMol& rdkit_mol(const Molecule& mol) {
  return *mol.impl().mol;
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

}  // namespace odordiff::chem
