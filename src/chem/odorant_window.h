// Whether a molecule is the kind of thing that a perfumer could use at all: a coarse structural window, the
// same for the training corpus, the filter of the pipeline and the evaluation.
#pragma once

#include <string_view>

#include "chem/molecule.h"

namespace odordiff::chem {

// The reason why `mol` is outside, or empty when it is inside: only C H N O S; no formal charge, radical or
// isotope; one fragment; molecular weight 80-320 g/mol; none of the groups in odorant_window.cpp that are too
// reactive, too strained or tautomers of something else (peroxides, hemiacetals, enols, N-N and N-O bonds
// outside aromatics and oximes, thioaldehydes, anhydrides, cumulenes, ring alkynes, ...).
std::string_view outside_odorant_window(const Molecule& mol);

}  // namespace odordiff::chem
