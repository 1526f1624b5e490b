// Random writings of a molecule: the augmentation on which the generator is trained.
#include <GraphMol/MolOps.h>
#include <GraphMol/SmilesParse/SmilesWrite.h>

#include <numeric>

#include "base/error.h"
#include "base/rng.h"
#include "chem/molecule_impl.h"

namespace odordiff::chem {
namespace {

constexpr std::uint64_t kWritingStream = 0x5311e5;

std::vector<unsigned> random_order(unsigned count, std::uint64_t seed) {
  std::vector<unsigned> order(count);
  std::iota(order.begin(), order.end(), 0U);
  Rng rng(seed, kWritingStream);
  for (unsigned i = count; i > 1; --i) std::swap(order[i - 1], order[rng.below(i)]);
  return order;
}

}  // namespace

void make_kekule(RDKit::RWMol& mol) {
  RDKit::MolOps::Kekulize(mol, true);
  for (auto* atom : mol.atoms()) {
    atom->updatePropertyCache(false);
    const bool plain = RDKit::SmilesWrite::inOrganicSubset(atom->getAtomicNum()) &&
                       atom->getFormalCharge() == 0 && atom->getNumRadicalElectrons() == 0;
    const unsigned stated = atom->getNumExplicitHs();
    if (!plain || (stated == 0 && !atom->getNoImplicit())) continue;
    const unsigned hydrogens = atom->getTotalNumHs();
    const bool no_implicit = atom->getNoImplicit();
    atom->setNumExplicitHs(0);
    atom->setNoImplicit(false);
    atom->updatePropertyCache(false);
    if (atom->getTotalNumHs() != hydrogens) {
      atom->setNumExplicitHs(stated);
      atom->setNoImplicit(no_implicit);
      atom->updatePropertyCache(false);
    }
  }
}

std::string random_smiles(const Molecule& mol, std::uint64_t seed, bool kekule) {
  try {
    RDKit::RWMol flat = editable_copy(mol);
    RDKit::MolOps::removeStereochemistry(flat);
    // RDKit's own random writing draws from one generator a process; a renumbering of ours does the same from
    // `seed`.
    const std::unique_ptr<RDKit::ROMol> shuffled(
        RDKit::MolOps::renumberAtoms(flat, random_order(flat.getNumAtoms(), seed)));
    RDKit::RWMol copy(*shuffled);
    if (kekule) make_kekule(copy);
    RDKit::SmilesWriteParams params;
    params.canonical = false;
    return RDKit::MolToSmiles(copy, params);
  } catch (const std::exception& e) {
    throw InvalidInput("cannot write " + quote_for_message(mol.smiles()) + " anew: " + first_line(e));
  }
}

}  // namespace odordiff::chem
