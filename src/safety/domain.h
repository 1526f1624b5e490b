// Whether the models of this folder may speak about a molecule at all.
#pragma once

#include <string>

#include "chem/constitution.h"

namespace odordiff::safety {

// Why `mol` is outside the models' domain, in a sentence; empty when it is inside. Inside: one neutral
// organic component of H, C, N, O, S, halogens, P, Si or B, with 1 to 40 heavy atoms and a carbon, no
// radical, isotope or repeat unit, not a peptide of three or more residues, not a polyether of four or more
// units.
std::string out_of_domain(const chem::Molecule& mol, const chem::Constitution& constitution);

}  // namespace odordiff::safety
