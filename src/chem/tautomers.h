// Tautomers: writings of a substance that differ in where a mobile hydrogen stands.
#pragma once

#include <string>
#include <vector>

#include "chem/molecule.h"

namespace odordiff::chem {

// Whether `a` and `b`, of one formula and one skeleton, are tautomers of each other, and one of them is a
// form that nobody sells: an enol, an imidic acid, an aci-nitro compound, a lactim, the keto form of a phenol
// and the like. Two lasting isomers are not the same substance, although each can reach the other through an
// enol (3-hexenal and 2-hexenal, isopulegone and pulegone): they have names, numbers and limits of their own.
// RDKit's transforms are followed from the unlasting form, to at most kMostTautomers; beyond that the answer
// is no.
bool are_tautomers(const Molecule& a, const Molecule& b);

inline constexpr unsigned kMostTautomers = 400;

// The lasting forms that `mol` goes over into where it is an unlasting one, of the first kFewTautomers; else
// none. Asked about every molecule, and so bounded closer.
inline constexpr unsigned kFewTautomers = 100;
std::vector<Molecule> lasting_tautomers(const Molecule& mol);

}  // namespace odordiff::chem
