// Molar volume of a liquid from its structure.
#pragma once

#include "chem/molecule.h"

namespace odordiff::chem {

// cm³/mol at room temperature, from the density estimate of Girolami (J. Chem. Educ. 71 (1994) 962), good to
// about 5 %: relative atomic volumes (H 1; Li to F 2; Na to Cl 4; K to Br 5; Rb to I 7.5) times 5, over 1 +
// 0.1 for each hydroxyl, carboxyl, amine N-H, amide or sulfoxide group and each ring of its own, 0.075 for
// each ring that is fused to another; at most 1.3.
double molar_volume_cm3(const Molecule& mol);

}  // namespace odordiff::chem
