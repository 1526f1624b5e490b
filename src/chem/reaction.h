// Reaction templates (reaction SMARTS), on RDKit: what molecules become when a template is applied to them.
// Written either way round: a retrosynthetic template reads "product >> reactants".
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "chem/molecule.h"

namespace odordiff::chem {

// A compiled template. Immutable, cheap to copy, and safe to use from many threads.
class Reaction {
 public:
  // The molecules that one way of applying the template gives, in the template's order.
  using Outcome = std::vector<Molecule>;
  // Asked about each molecule of an outcome, by skeleton_key(), before the costly part (sanitising, canonical
  // form) is done; "no" drops the outcome.
  using KeyFilter = std::function<bool(std::uint64_t)>;

  // Throws InvalidInput for a bad template, one without atoms on a side, or one whose left side is not
  // exactly `inputs` molecules.
  explicit Reaction(const std::string& smarts, std::size_t inputs = 1);

  // Every distinct outcome of applying the template to `inputs`, at most `max_outcomes`, in an order that
  // depends on the molecules alone. Outcomes that are no molecules (valence, aromaticity) or in which atoms
  // got lost or doubled (a two-part template across a ring) are left out. Stereo is taken over where the
  // template leaves it alone.
  // REQUIRES: as many inputs as the template's left side has.
  std::vector<Outcome> run(const std::vector<Molecule>& inputs, std::size_t max_outcomes = 64,
                           const KeyFilter& keep = {}) const;
  std::vector<Outcome> run(const Molecule& input, std::size_t max_outcomes = 64,
                           const KeyFilter& keep = {}) const;

  // Molecules on the right side.
  std::size_t outputs() const;

  // Whether molecule `input` fits place `place` of the left side. Cheap: one substructure search.
  bool applies(const Molecule& input, std::size_t place = 0) const;

 private:
  struct Impl;
  std::shared_ptr<const Impl> impl_;
};

// A hash of the heavy-atom graph (elements and who is bonded to whom, without bond orders, hydrogens, charges
// or stereo): equal for equal molecules, and for few others.
std::uint64_t skeleton_key(const Molecule& mol);

}  // namespace odordiff::chem
