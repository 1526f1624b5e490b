// A wider set of whole-molecule descriptors than descriptors.h has, for models of biological activity.
#pragma once

#include <array>

#include "chem/molecule.h"

namespace odordiff::chem {

// descriptor_vector(); surface areas by log P, molar refractivity and charge (SlogP_VSA, SMR_VSA, PEOE_VSA:
// Labute 2000); the 42 molecular quantum numbers (Nguyen et al. 2009); greatest and least partial charge
// (Gasteiger & Marsili 1980); counts of rings, amides and heteroatoms. Unscaled; finite for every molecule
// that parses.
inline constexpr std::size_t kRichDescriptorCount = 32 + 12 + 10 + 14 + 42 + 4 + 6;
std::array<float, kRichDescriptorCount> rich_descriptor_vector(const Molecule& mol);

}  // namespace odordiff::chem
