#include "chem/filter_catalog.h"

#include <GraphMol/FilterCatalog/FilterCatalog.h>

#include <algorithm>

#include "chem/molecule_impl.h"

namespace odordiff::chem {
namespace {

using Catalogs = RDKit::FilterCatalogParams;

void collect(const RDKit::FilterCatalog& catalog, const char* name, const RDKit::ROMol& mol,
             std::vector<CatalogHit>& out) {
  for (const auto& entry : catalog.getMatches(mol)) {
    CatalogHit hit{name, entry->getDescription(), {}};
    std::vector<RDKit::FilterMatch> matches;
    entry->getFilterMatches(mol, matches);
    for (const auto& match : matches) {
      for (const auto& [query_atom, atom] : match.atomPairs) hit.atoms.push_back(atom);
    }
    std::sort(hit.atoms.begin(), hit.atoms.end());
    hit.atoms.erase(std::unique(hit.atoms.begin(), hit.atoms.end()), hit.atoms.end());
    out.push_back(std::move(hit));
  }
}

}  // namespace

struct FilterCatalog::Impl {
  RDKit::FilterCatalog brenk{Catalogs::BRENK};
  RDKit::FilterCatalog nih{Catalogs::NIH};
};

FilterCatalog::FilterCatalog() {
  silence_rdkit();
  impl_ = std::make_unique<const Impl>();
}

FilterCatalog::~FilterCatalog() = default;

std::vector<CatalogHit> FilterCatalog::matches(const Molecule& mol) const {
  const RDKit::RWMol copy = editable_copy(mol);  // some entries look at properties that RDKit caches
  std::vector<CatalogHit> out;
  collect(impl_->brenk, "BRENK", copy, out);
  collect(impl_->nih, "NIH", copy, out);
  return out;
}

}  // namespace odordiff::chem
