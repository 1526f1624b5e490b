// What a fragrance chemist would strike from a list at sight although it passes the odorant window: strained
// rings, tautomers of something else, and groups that do not keep in a bottle. The window is the coarse
// measure that models are trained and compared by; this is what an answer must also pass.
#pragma once

#include <string_view>

#include "chem/molecule.h"

namespace odordiff::chem {

// The reason why `mol` should not be shown, or empty when there is none. Meant for molecules inside the
// odorant window.
std::string_view implausible_structure(const Molecule& mol);

}  // namespace odordiff::chem
