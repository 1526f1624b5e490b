// 2D depiction to SVG.
#pragma once

#include <string>
#include <vector>

#include "chem/molecule.h"

namespace odordiff::chem {

struct DepictOptions {
  int width_px = 300;
  int height_px = 220;
  bool transparent = true;
  std::vector<int> highlight_atoms;  // drawn with a coloured halo
  // One weight an atom, or none: halos from violet (the most negative) over white to green (the most
  // positive); the largest magnitude gets the full colour.
  std::vector<double> atom_weights;
};
// A standalone <svg> element (no XML prolog), deterministic for the same input.
std::string depict_svg(const Molecule& mol, const DepictOptions& options = {});

// A V2000 mol block with 2D coordinates, for SDF output.
std::string mol_block(const Molecule& mol, const std::string& title);

}  // namespace odordiff::chem
