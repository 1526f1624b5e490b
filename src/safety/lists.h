// What alerts and lists say of a molecule in any writing: whether it may be handled at all, and whether it
// may be proposed. For every place that takes a molecule in or lets one out; needs no model.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "chem/molecule.h"
#include "safety/alerts.h"
#include "safety/regulation.h"

namespace odordiff::safety {

// A molecule as the lists mean it: the plain form (chem/substance.h), and in the place of a tautomer of a
// listed substance that substance.
struct Substance {
  chem::Molecule whole;
  std::vector<chem::Molecule> parts;  // all components; one, equal to `whole`, for most molecules
};

enum class Standing {
  Free,
  NeverProposed,  // a controlled precursor that is an ordinary material: handled when a user brings it
  Refused,  // a weapon, an explosive, a scheduled drug or a precursor of no other use: not handled at all
};

// Immutable; safe to use from many threads.
class Lists {
 public:
  // Reads data/safety. Throws Unavailable when a file cannot be read, InvalidInput naming file and line for a
  // bad row.
  explicit Lists(const std::filesystem::path& data_folder) : alerts_(data_folder), tables_(data_folder) {}

  Substance substance(const chem::Molecule& mol) const;
  // substance() of a writing that comes from outside, as one molecule. Throws as chem::Molecule::parse.
  chem::Molecule read(const std::string& smiles) const;
  // The same, for whatever does more with it than to assess it: throws InvalidInput for what may not be
  // handled, which starts with `purpose`: "nothing is designed with".
  chem::Molecule accept(const std::string& smiles, const std::string& purpose) const;

  Standing standing(const chem::Molecule& mol) const { return standing(substance(mol)); }
  Standing standing(const Substance& substance) const;

  // Throws InvalidInput, naming the list, for what may not be handled.
  void refuse(const chem::Molecule& mol, const std::string& purpose) const;
  // The same, for what may not be proposed either.
  void refuse_to_propose(const chem::Molecule& mol, const std::string& purpose) const;

  const AlertTable& alerts() const { return alerts_; }
  const RegulatoryTables& tables() const { return tables_; }

 private:
  // The gravest thing that stands against it, as "Piperonal (UN Convention 1988 …)".
  std::string reason(const Substance& substance) const;
  AlertTable alerts_;
  RegulatoryTables tables_;
};

}  // namespace odordiff::safety
