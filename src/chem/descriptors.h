// Computed molecular properties, all from RDKit's published implementations.
#pragma once

#include <array>
#include <string_view>

#include "chem/molecule.h"

namespace odordiff::chem {

struct Properties {
  double molecular_weight = 0;  // g/mol, average isotopes
  double logp = 0;              // Crippen (Wildman & Crippen 1999)
  double tpsa = 0;              // Å² (Ertl 2000)
  double fraction_csp3 = 0;
  int h_bond_donors = 0;
  int h_bond_acceptors = 0;
  int rotatable_bonds = 0;
  int rings = 0;
  int aromatic_rings = 0;
  int stereocenters = 0;  // tetrahedral centres, assigned or not
};
// Computed once a molecule, then kept with it; so is descriptor_vector().
Properties properties(const Molecule& mol);
// The first of them alone, at less cost.
double molecular_weight(const Molecule& mol);

// properties().molecular_weight alone, without the cost of the rest.
double molecular_weight(const Molecule& mol);

// A dense vector of whole-molecule descriptors used as model features, in the order of descriptor_names().
// Unscaled; finite for every molecule that parses. Worked out once a molecule; copies of the handle share it.
inline constexpr std::size_t kDescriptorCount = 32;
std::array<float, kDescriptorCount> descriptor_vector(const Molecule& mol);
std::array<std::string_view, kDescriptorCount> descriptor_names();

}  // namespace odordiff::chem
