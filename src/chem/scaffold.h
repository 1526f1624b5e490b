// The skeleton by which molecules are grouped.
#pragma once

#include <string>

#include "chem/molecule.h"

namespace odordiff::chem {

// Ring systems and the chains that join them (Bemis & Murcko, J. Med. Chem. 39 (1996) 2887), without what
// hangs on them, as canonical SMILES; empty for a molecule without rings.
std::string ring_scaffold(const Molecule& mol);

}  // namespace odordiff::chem
