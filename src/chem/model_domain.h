// Which molecules the property models can say anything about: the small organic ones that their measurements
// come from.
#pragma once

#include <string>

#include "chem/molecule.h"

namespace odordiff::chem {

// Why `mol` is outside, as half a sentence ("it contains Hg"), or empty when it is inside: one uncharged
// fragment without radicals, carbon and at most H, B, N, O, F, Si, P, S, Cl, Br, I, 2 to 50 heavy atoms, no
// chain of two or more peptide bonds.
std::string outside_model_domain(const Molecule& mol);

}  // namespace odordiff::chem
