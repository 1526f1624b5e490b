// Hashed fingerprints and similarity.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "chem/molecule.h"

namespace odordiff::chem {

// Sparse hashed counts: (bin, count) sorted by bin.
using SparseCounts = std::vector<std::pair<std::uint32_t, std::uint16_t>>;

// Morgan counts (Rogers & Hahn 2010), radius 2 unless told, folded to `bins` (a power of two).
SparseCounts morgan_counts(const Molecule& mol, int radius = 2, std::uint32_t bins = 2048);
// The same over pharmacophoric atom types (donor, acceptor, aromatic, halogen, acid, base; Rogers & Hahn's
// FCFP).
SparseCounts feature_morgan_counts(const Molecule& mol, int radius = 2, std::uint32_t bins = 2048);
// Atom-pair counts (Carhart 1985), folded to `bins`.
SparseCounts atom_pair_counts(const Molecule& mol, std::uint32_t bins = 2048);
// Atom-pair counts with topological torsions (Nilakantan 1987) added, folded to `bins`.
SparseCounts atom_pair_torsion_counts(const Molecule& mol, std::uint32_t bins = 2048);
// Counts of paths and branched subgraphs of 1 to 6 bonds (RDKit's own fingerprint), folded to `bins`.
SparseCounts path_counts(const Molecule& mol, std::uint32_t bins = 2048);

// morgan_counts and atom_pair_torsion_counts of `mol` without what one atom takes part in: one for each atom,
// in atom order. For attribution by masking (Riniker & Landrum, J. Cheminform. 5 (2013) 43).
std::vector<SparseCounts> morgan_counts_without_each_atom(const Molecule& mol, int radius = 2,
                                                          std::uint32_t bins = 2048);
std::vector<SparseCounts> atom_pair_torsion_counts_without_each_atom(const Molecule& mol,
                                                                     std::uint32_t bins = 2048);

// A 2,048-bit Morgan fingerprint (radius 2) for fast Tanimoto.
struct BitFingerprint {
  std::uint64_t words[32] = {};
};
BitFingerprint morgan_bits(const Molecule& mol);
int bits_set(const BitFingerprint& bits);
int bits_in_both(const BitFingerprint& a, const BitFingerprint& b);
// |a∧b| / |a∨b|; 0 when both are empty.
double tanimoto(const BitFingerprint& a, const BitFingerprint& b);

}  // namespace odordiff::chem
