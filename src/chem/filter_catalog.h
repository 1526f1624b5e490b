// RDKit's filter catalogues of groups that medicinal chemists avoid, as information for a reader.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "chem/molecule.h"

namespace odordiff::chem {

struct CatalogHit {
  std::string catalog;  // "BRENK" (Brenk et al., ChemMedChem 2008, 3, 435) or "NIH" (Jadhav et al., J. Med.
                        // Chem. 2010, 53, 37)
  std::string name;
  std::vector<int> atoms;  // ascending
};

// The BRENK and NIH lists. Safe to use from many threads. Loading takes some 10 ms, a molecule about 1 ms:
// not for the path of generation.
class FilterCatalog {
 public:
  FilterCatalog();
  ~FilterCatalog();
  std::vector<CatalogHit> matches(const Molecule& mol) const;

 private:
  struct Impl;
  std::unique_ptr<const Impl> impl_;
};

}  // namespace odordiff::chem
