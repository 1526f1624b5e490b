#include "chem/constitution.h"

#include <algorithm>

#include "chem/molecule_impl.h"

namespace odordiff::chem {
namespace {

// A charge that a neighbour's opposite charge answers, as in nitro groups, N-oxides and isocyanides.
bool is_separated(const RDKit::ROMol& mol, const RDKit::Atom& atom) {
  for (const auto* neighbour : mol.atomNeighbors(&atom)) {
    if (neighbour->getFormalCharge() * atom.getFormalCharge() < 0) return true;
  }
  return false;
}

}  // namespace

Constitution constitution(const Molecule& molecule) {
  const RDKit::ROMol& mol = rdkit_mol(molecule);
  Constitution out;
  for (const auto* atom : mol.atoms()) {
    const int number = atom->getAtomicNum();
    const int charge = atom->getFormalCharge();
    out.formal_charge += charge;
    out.charged_atoms = out.charged_atoms || (charge != 0 && !is_separated(mol, *atom));
    out.radical = out.radical || atom->getNumRadicalElectrons() > 0;
    out.isotope = out.isotope || atom->getIsotope() != 0;
    out.dummy = out.dummy || number == 0;
    if (number == 1) continue;
    ++out.heavy_atoms;
    out.carbons += number == 6;
    const auto at = std::lower_bound(out.elements.begin(), out.elements.end(), number);
    if (at == out.elements.end() || *at != number) out.elements.insert(at, number);
  }
  out.components = 1 + static_cast<int>(std::count(molecule.smiles().begin(), molecule.smiles().end(), '.'));
  return out;
}

}  // namespace odordiff::chem
