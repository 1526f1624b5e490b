#include "chem/fragments.h"

#include <GraphMol/MolOps.h>
#include <GraphMol/RingInfo.h>
#include <GraphMol/SmilesParse/SmilesWrite.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <tuple>

#include "chem/molecule_impl.h"

namespace odordiff::chem {
namespace {

constexpr std::size_t kLeastAtoms = 3;

// The atoms on `from`'s side of the bond, ascending.
std::vector<int> side(const RDKit::ROMol& mol, const RDKit::Bond& cut, unsigned from) {
  std::vector<bool> seen(mol.getNumAtoms());
  std::vector<unsigned> open = {from};
  seen[from] = true;
  while (!open.empty()) {
    const auto* atom = mol.getAtomWithIdx(open.back());
    open.pop_back();
    for (const auto* bond : mol.atomBonds(atom)) {
      const unsigned next = bond->getOtherAtomIdx(atom->getIdx());
      if (bond->getIdx() == cut.getIdx() || seen[next]) continue;
      seen[next] = true;
      open.push_back(next);
    }
  }
  std::vector<int> out;
  for (unsigned i = 0; i < seen.size(); ++i) {
    if (seen[i]) out.push_back(static_cast<int>(i));
  }
  return out;
}

bool has_ring(const RDKit::ROMol& mol, const std::vector<int>& atoms) {
  return std::any_of(atoms.begin(), atoms.end(),
                     [&](int i) { return mol.getRingInfo()->numAtomRings(static_cast<unsigned>(i)) > 0; });
}

bool has_heteroatom(const RDKit::ROMol& mol, const std::vector<int>& atoms) {
  return std::any_of(atoms.begin(), atoms.end(), [&](int i) {
    return mol.getAtomWithIdx(static_cast<unsigned>(i))->getAtomicNum() != 6;
  });
}

}  // namespace

std::vector<Fragment> fragments(const Molecule& mol, std::size_t count) {
  RDKit::RWMol copy = editable_copy(mol);
  std::vector<std::tuple<bool, bool, std::vector<int>>> parts;
  for (const auto* bond : copy.bonds()) {
    if (bond->getBondType() != RDKit::Bond::SINGLE || copy.getRingInfo()->numBondRings(bond->getIdx()) > 0)
      continue;
    for (const unsigned from : {bond->getBeginAtomIdx(), bond->getEndAtomIdx()}) {
      auto atoms = side(copy, *bond, from);
      if (atoms.size() < kLeastAtoms) continue;
      parts.emplace_back(has_ring(copy, atoms), has_heteroatom(copy, atoms), std::move(atoms));
    }
  }
  const auto rank = [&](const auto& part) {
    const auto& [ring, hetero, atoms] = part;
    const int off = std::abs(3 * static_cast<int>(atoms.size()) - 2 * static_cast<int>(copy.getNumAtoms()));
    return std::tuple(!ring, !hetero, off);
  };
  std::stable_sort(parts.begin(), parts.end(),
                   [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  std::vector<Fragment> out;
  std::set<std::string> seen;
  for (auto& [ring, hetero, atoms] : parts) {
    if (out.size() == count) break;
    const auto part = Molecule::try_parse(RDKit::MolFragmentToSmiles(copy, atoms));
    if (!part || !seen.insert(part->flat_smiles()).second) continue;
    out.push_back({*part, std::move(atoms)});
  }
  return out;
}

}  // namespace odordiff::chem
