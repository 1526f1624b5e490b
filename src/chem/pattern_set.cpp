#include "chem/pattern_set.h"

#include <GraphMol/QueryAtom.h>
#include <GraphMol/QueryOps.h>
#include <GraphMol/SmilesParse/SmilesParse.h>
#include <GraphMol/Substruct/SubstructMatch.h>

#include <algorithm>
#include <bitset>

#include "base/error.h"
#include "chem/molecule_impl.h"

namespace odordiff::chem {
namespace {

constexpr unsigned kMostMatches = 64;
using Elements = std::bitset<128>;

// The element that an atom must be to fit `query`; 0 where several would do.
int demanded_element(const RDKit::QueryAtom::QUERYATOM_QUERY& query) {
  if (query.getNegation()) return 0;
  const std::string& kind = query.getDescription();
  const auto* equals = dynamic_cast<const RDKit::ATOM_EQUALS_QUERY*>(&query);
  if (equals != nullptr && kind == "AtomAtomicNum") return equals->getVal();
  if (equals != nullptr && kind == "AtomType") return equals->getVal() % 1000;  // 1000 marks an aromatic atom
  if (kind == "AtomAnd") {
    for (auto child = query.beginChildren(); child != query.endChildren(); ++child) {
      if (const int element = demanded_element(**child); element != 0) return element;
    }
  }
  return 0;
}

void mark(Elements& elements, int element) {
  if (element > 0 && element < static_cast<int>(elements.size()))
    elements.set(static_cast<std::size_t>(element));
}

struct Prepared {
  std::unique_ptr<const RDKit::ROMol> query;
  Elements needed;
};

}  // namespace

struct PatternSet::Impl {
  std::vector<Prepared> patterns;
};

PatternSet::PatternSet() : impl_(std::make_unique<Impl>()) {}
PatternSet::~PatternSet() = default;
PatternSet::PatternSet(PatternSet&&) noexcept = default;
PatternSet& PatternSet::operator=(PatternSet&&) noexcept = default;

std::size_t PatternSet::size() const {
  return impl_->patterns.size();
}

std::size_t PatternSet::add(const std::string& smarts) {
  silence_rdkit();
  RDKit::SmartsParserParams params;
  params.allowCXSMILES = false;
  params.parseName = false;
  params.mergeHs = false;
  Prepared prepared;
  std::string reason;
  try {
    prepared.query.reset(RDKit::SmartsToMol(smarts, params));
  } catch (const std::exception& e) {
    reason = ": " + first_line(e);
  }
  if (!prepared.query || prepared.query->getNumAtoms() == 0) {
    throw InvalidInput("not a SMARTS pattern, " + quote_for_message(smarts) + reason);
  }
  for (const auto* atom : prepared.query->atoms()) {
    if (atom->hasQuery()) {
      const int element = demanded_element(*atom->getQuery());
      if (element != 1) mark(prepared.needed, element);
    }
  }
  impl_->patterns.push_back(std::move(prepared));
  return impl_->patterns.size() - 1;
}

std::vector<PatternSet::Hit> PatternSet::match(const Molecule& molecule) const {
  const RDKit::ROMol& mol = canonical_mol(molecule);
  Elements present;
  for (const auto* atom : mol.atoms()) mark(present, atom->getAtomicNum());
  RDKit::SubstructMatchParameters params;
  params.maxMatches = kMostMatches;
  std::vector<Hit> hits;
  for (std::size_t i = 0; i < impl_->patterns.size(); ++i) {
    const Prepared& pattern = impl_->patterns[i];
    if ((pattern.needed & ~present).any() || pattern.query->getNumAtoms() > mol.getNumAtoms()) continue;
    const auto matches = RDKit::SubstructMatch(mol, *pattern.query, params);
    if (matches.empty()) continue;
    Hit hit{i, static_cast<int>(matches.size()), {}};
    for (const auto& pairs : matches) {
      for (const auto& [query_atom, atom] : pairs)
        hit.atoms.push_back(from_canonical(molecule, static_cast<std::size_t>(atom)));
    }
    std::sort(hit.atoms.begin(), hit.atoms.end());
    hit.atoms.erase(std::unique(hit.atoms.begin(), hit.atoms.end()), hit.atoms.end());
    hits.push_back(std::move(hit));
  }
  return hits;
}

}  // namespace odordiff::chem
