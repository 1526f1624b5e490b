#include "safety/lists.h"

#include <algorithm>

#include "base/error.h"
#include "chem/substance.h"

namespace odordiff::safety {

Substance Lists::substance(const chem::Molecule& mol) const {
  auto form = chem::plain_form(mol);
  Substance out{std::move(form.whole), std::move(form.parts)};
  for (auto& part : out.parts) {
    const auto listed = tables_.listed_tautomer(part);
    if (!listed) continue;
    if (part.smiles() == out.whole.smiles()) out.whole = *listed;
    part = *listed;
  }
  return out;
}

chem::Molecule Lists::read(const std::string& smiles) const {
  return substance(chem::Molecule::parse(smiles)).whole;
}

chem::Molecule Lists::accept(const std::string& smiles, const std::string& purpose) const {
  const auto mol = chem::Molecule::parse(smiles);
  refuse(mol, purpose);
  return substance(mol).whole;
}

Standing Lists::standing(const Substance& substance) const {
  if (alerts_.forbids(substance.whole)) return Standing::Refused;
  Status gravest = tables_.control_of_salt(substance.parts);
  for (const auto& part : substance.parts) {
    if (part.smiles() != substance.whole.smiles() && alerts_.forbids(part)) return Standing::Refused;
    gravest = std::max(gravest, tables_.control(part));
    if (gravest == Status::Controlled) return Standing::Refused;
  }
  return gravest == Status::Controlled  ? Standing::Refused
         : gravest == Status::Precursor ? Standing::NeverProposed
                                        : Standing::Free;
}

std::string Lists::reason(const Substance& substance) const {
  const RegulatoryEntry* gravest = nullptr;
  const auto look_at = [&](const std::vector<RegulatoryMatch>& matches) {
    for (const auto& match : matches) {
      if (gravest == nullptr || match.entry->status > gravest->status) gravest = match.entry;
    }
  };
  look_at(tables_.match_salt(substance.parts));
  for (const auto& part : substance.parts) look_at(tables_.match(part));
  if (gravest != nullptr && gravest->status >= Status::Precursor)
    return gravest->name + " (" + gravest->regulation->title + ")";
  for (const auto& part : substance.parts) {
    for (const auto& finding : alerts_.match(part)) {
      if (finding.severity == Severity::Critical) return finding.name + " (" + finding.category + ")";
    }
  }
  return "a controlled or dangerous substance";
}

void Lists::refuse(const chem::Molecule& mol, const std::string& purpose) const {
  const auto known = substance(mol);
  if (standing(known) != Standing::Refused) return;
  throw InvalidInput(purpose + " " + quote_for_message(known.whole.smiles()) +
                     ": it is a controlled or dangerous substance, " + reason(known));
}

void Lists::refuse_to_propose(const chem::Molecule& mol, const std::string& purpose) const {
  const auto known = substance(mol);
  if (standing(known) == Standing::Free) return;
  throw InvalidInput(purpose + " " + quote_for_message(known.whole.smiles()) +
                     ": it is a controlled or dangerous substance, " + reason(known));
}

}  // namespace odordiff::safety
