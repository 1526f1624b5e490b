#include "chem/query_needs.h"

#include <GraphMol/GraphMol.h>
#include <GraphMol/MolOps.h>
#include <GraphMol/QueryAtom.h>
#include <GraphMol/QueryBond.h>
#include <GraphMol/QueryOps.h>
#include <GraphMol/RingInfo.h>

#include <algorithm>
#include <string>
#include <vector>

namespace odordiff::chem {
namespace {

using Feature = FeatureCounts::Feature;

void add(FeatureCounts& counts, Feature feature) {
  if (counts.count[feature] < 255) ++counts.count[feature];
}

void add_element(FeatureCounts& counts, int atomic_number) {
  switch (atomic_number) {
    case 7:
      return add(counts, FeatureCounts::Nitrogen);
    case 8:
      return add(counts, FeatureCounts::Oxygen);
    case 15:
      return add(counts, FeatureCounts::Phosphorus);
    case 16:
      return add(counts, FeatureCounts::Sulfur);
    case 17:
      return add(counts, FeatureCounts::Chlorine);
    case 35:
      return add(counts, FeatureCounts::Bromine);
    default:
      return;
  }
}

struct AtomNeed {
  int atomic_number = 0;  // 0: open
  bool aromatic = false;  // needed so
};

// Follows the conjunctions of an atom's query; alternatives and negations say nothing for certain.
void read_atom(const Queries::Query<int, const RDKit::Atom*, true>& query, AtomNeed& need) {
  if (query.getNegation()) return;
  const std::string& what = query.getDescription();
  if (what == "AtomAnd") {
    for (auto it = query.beginChildren(); it != query.endChildren(); ++it) read_atom(**it, need);
    return;
  }
  const auto* equals = dynamic_cast<const RDKit::ATOM_EQUALS_QUERY*>(&query);
  if (equals == nullptr) return;
  if (what == "AtomAtomicNum") {
    need.atomic_number = equals->getVal();
  } else if (what == "AtomType") {
    bool aromatic = false;
    RDKit::parseAtomType(equals->getVal(), need.atomic_number, aromatic);
    need.aromatic = need.aromatic || aromatic;
  } else if (what == "AtomIsAromatic" && equals->getVal() == 1) {
    need.aromatic = true;
  }
}

// The bond order that a query demands; 0 where it leaves it open.
int order_of(const Queries::Query<int, const RDKit::Bond*, true>& query) {
  if (query.getNegation()) return 0;
  const std::string& what = query.getDescription();
  if (what == "BondAnd") {
    for (auto it = query.beginChildren(); it != query.endChildren(); ++it) {
      if (const int order = order_of(**it); order != 0) return order;
    }
    return 0;
  }
  const auto* equals = dynamic_cast<const RDKit::BOND_EQUALS_QUERY*>(&query);
  return equals != nullptr && what == "BondOrder" ? equals->getVal() : 0;
}

void add_bond(FeatureCounts& counts, int order, int begin, int end) {
  if (order == RDKit::Bond::TRIPLE) add(counts, FeatureCounts::TripleBonds);
  if (order != RDKit::Bond::DOUBLE) return;
  add(counts, FeatureCounts::DoubleBonds);
  if (begin == 6 && end == 6) add(counts, FeatureCounts::CarbonDouble);
  if (std::min(begin, end) == 6 && std::max(begin, end) == 8) add(counts, FeatureCounts::CarbonylLike);
}

}  // namespace

FeatureCounts needs_of(const RDKit::ROMol& query) {
  FeatureCounts out;
  out.count[FeatureCounts::Atoms] = static_cast<std::uint8_t>(std::min(255U, query.getNumAtoms()));
  std::vector<AtomNeed> atoms(query.getNumAtoms());
  for (const auto* atom : query.atoms()) {
    AtomNeed& need = atoms[atom->getIdx()];
    if (!atom->hasQuery()) continue;
    read_atom(*atom->getQuery(), need);
    add_element(out, need.atomic_number);
    if (need.aromatic) add(out, FeatureCounts::AromaticAtoms);
  }
  for (const auto* bond : query.bonds()) {
    if (!bond->hasQuery()) continue;
    add_bond(out, order_of(*bond->getQuery()), atoms[bond->getBeginAtomIdx()].atomic_number,
             atoms[bond->getEndAtomIdx()].atomic_number);
  }
  std::vector<int> fragment(query.getNumAtoms());
  const auto fragments = static_cast<int>(RDKit::MolOps::getMolFrags(query, fragment));
  const int closures =
      static_cast<int>(query.getNumBonds()) - static_cast<int>(query.getNumAtoms()) + fragments;
  out.count[FeatureCounts::RingBonds] = static_cast<std::uint8_t>(std::clamp(closures, 0, 255));
  return out;
}

FeatureCounts features_of(const RDKit::ROMol& mol) {
  FeatureCounts out;
  out.count[FeatureCounts::Atoms] = static_cast<std::uint8_t>(std::min(255U, mol.getNumAtoms()));
  for (const auto* atom : mol.atoms()) {
    add_element(out, atom->getAtomicNum());
    if (atom->getIsAromatic()) add(out, FeatureCounts::AromaticAtoms);
  }
  for (const auto* bond : mol.bonds()) {
    add_bond(out, bond->getBondType(), bond->getBeginAtom()->getAtomicNum(),
             bond->getEndAtom()->getAtomicNum());
  }
  const auto* rings = mol.getRingInfo();
  const int count = rings->isInitialized() ? static_cast<int>(rings->numRings()) : 255;
  // The first term is exact for one fragment and too small for several.
  const int closures =
      std::max(static_cast<int>(mol.getNumBonds()) - static_cast<int>(mol.getNumAtoms()) + 1, count);
  out.count[FeatureCounts::RingBonds] = static_cast<std::uint8_t>(std::clamp(closures, 0, 255));
  return out;
}

}  // namespace odordiff::chem
