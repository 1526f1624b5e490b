#include "chem/scaffold.h"

#include <GraphMol/SmilesParse/SmilesWrite.h>

#include "chem/molecule_impl.h"

namespace odordiff::chem {

std::string ring_scaffold(const Molecule& mol) {
  RDKit::RWMol rings = editable_copy(mol);
  for (bool pruned = true; pruned;) {
    pruned = false;
    for (unsigned i = rings.getNumAtoms(); i-- > 0;) {
      if (rings.getAtomWithIdx(i)->getDegree() > 1) continue;
      rings.removeAtom(i);
      pruned = true;
    }
  }
  if (rings.getNumAtoms() == 0) return {};
  return RDKit::MolToSmiles(rings, /*doIsomericSmiles=*/false);
}

}  // namespace odordiff::chem
