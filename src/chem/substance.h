// Which writings mean the same substance: lists, tables of known molecules and judgements speak of
// substances, people write atom maps, isotopes, salts, charges and open valences.
#pragma once

#include <string>
#include <vector>

#include "chem/molecule.h"

namespace odordiff::chem {

// A molecule as the tables would write it: no atom maps, no isotopes (hydrogens that were drawn for their
// isotope are implicit again), hydrogen in the place of dummy atoms, neighbours of opposite charge or with an
// electron to spare each bonded (P(=O), not [P+][O-]), single bonds for dative ones and for those of any
// order, metals apart from what they were bonded to, each component once, and neutral where protons can do
// it. Stereo stays. Atoms keep their order where nothing had to be changed; else they stand as in the
// canonical SMILES.
struct PlainForm {
  // Without water and carrier solvents beside anything else, and without counter-ions beside organic parts.
  // They stay beside an inorganic part that is no common ion: such a salt is a substance of its own.
  Molecule whole;
  std::vector<Molecule> parts;  // all components, those left out of `whole` too
};
PlainForm plain_form(const Molecule& mol);

Molecule plain(const Molecule& mol);
// plain() of a writing that comes from outside. Throws as Molecule::parse.
Molecule parse_plain(const std::string& smiles);

// Under which molecules count as the same substance: the canonical SMILES of plain(), without stereo.
// Tautomers have keys of their own (chem/tautomers.h).
std::string substance_key(const Molecule& mol);

// What plain() leaves out of a salt or solution, as SMILES; for whoever checks that no list names one of
// them.
const std::vector<std::string>& left_out_components();

}  // namespace odordiff::chem
