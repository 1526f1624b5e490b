#include "chem/model_domain.h"

#include <GraphMol/PeriodicTable.h>

#include <algorithm>
#include <array>

#include "chem/molecule_impl.h"

namespace odordiff::chem {
namespace {

constexpr std::array kElements = {1, 5, 6, 7, 8, 9, 14, 15, 16, 17, 35, 53};
constexpr int kFewestAtoms = 2;
constexpr int kMostAtoms = 50;

}  // namespace

std::string outside_model_domain(const Molecule& molecule) {
  static const Pattern peptide("[NX3][CX4;H1,H2][CX3](=[OX1])[NX3][CX4;H1,H2][CX3](=[OX1])[NX3]");
  bool carbon = false;
  for (const auto* atom : rdkit_mol(molecule).atoms()) {
    const int number = atom->getAtomicNum();
    if (number == 0) return "it has an open end (*)";
    if (std::find(kElements.begin(), kElements.end(), number) == kElements.end()) {
      return "it contains " +
             RDKit::PeriodicTable::getTable()->getElementSymbol(static_cast<unsigned>(number));
    }
    if (atom->getNumRadicalElectrons() != 0) return "it is a radical";
    carbon = carbon || number == 6;
  }
  if (!carbon) return "it has no carbon";
  if (molecule.smiles().find('.') != std::string::npos) return "it is more than one molecule";
  if (molecule.formal_charge() != 0) return "it is charged";
  const int heavy = molecule.heavy_atoms();
  if (heavy < kFewestAtoms) return "it has a single heavy atom";
  if (heavy > kMostAtoms)
    return "it has " + std::to_string(heavy) + " heavy atoms, more than " + std::to_string(kMostAtoms);
  if (peptide.matches(molecule)) return "it is a peptide";
  return {};
}

}  // namespace odordiff::chem
