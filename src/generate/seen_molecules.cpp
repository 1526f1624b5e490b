#include "generate/seen_molecules.h"

#include <utility>

namespace odordiff::generate {

void SeenMolecules::add(const std::string& inchikey, const std::string& smiles) {
  const std::lock_guard lock(mutex_);
  young_.insert_or_assign(inchikey, smiles);
  if (young_.size() >= kept_) old_ = std::exchange(young_, {});
}

std::optional<std::string> SeenMolecules::smiles_of(const std::string& inchikey) const {
  const std::lock_guard lock(mutex_);
  for (const Generation* generation : {&young_, &old_}) {
    if (const auto at = generation->find(inchikey); at != generation->end()) return at->second;
  }
  return std::nullopt;
}

}  // namespace odordiff::generate
