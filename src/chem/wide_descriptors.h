// A wider vector of whole-molecule descriptors than chem/descriptors.h, for the odor predictor: surface areas
// by property, quantum-free shape and connectivity indices, and counts of the functional groups that noses
// tell apart.
#pragma once

#include <vector>

#include "chem/molecule.h"

namespace odordiff::chem {

// descriptor_vector() first, then
// - Kier & Hall connectivity indices chi4v and chi0n to chi4n, and the flexibility index phi (RDKit),
// - van der Waals surface split by Crippen logP (12 bins), molar refractivity (10) and Gasteiger charge (14)
// of the
//   atoms: Labute, J. Mol. Graph. Model. 18, 464 (2000),
// - the 42 molecular quantum numbers: Nguyen et al., ChemMedChem 4, 1803 (2009),
// - counts of functional groups (wide_descriptors.cpp lists their patterns).
// Unscaled; finite for every molecule that parses; the same length for each.
std::vector<float> wide_descriptor_vector(const Molecule& mol);

// wide_descriptor_vector(x).size().
std::size_t wide_descriptor_count();

}  // namespace odordiff::chem
