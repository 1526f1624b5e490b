#include "chem/molar_volume.h"

#include <GraphMol/RingInfo.h>

#include <algorithm>

#include "chem/molecule_impl.h"

namespace odordiff::chem {
namespace {

double relative_volume(int atomic_number) {
  if (atomic_number == 1) return 1;
  if (atomic_number <= 10) return 2;
  if (atomic_number <= 18) return 4;
  if (atomic_number <= 36) return 5;
  return 7.5;
}

constexpr double kMostCorrection = 1.3;

}  // namespace

double molar_volume_cm3(const Molecule& molecule) {
  static const Pattern groups(
      "[$([OX2H]),$([NX3;H1,H2;!$(N[CX3]=[OX1])]),$([CX3](=[OX1])[NX3]),$([SX3](=[OX1]))]");
  const RDKit::RWMol mol = canonical_copy(molecule);
  double volume = 0;
  for (const auto* atom : mol.atoms()) {
    volume += relative_volume(atom->getAtomicNum()) + atom->getTotalNumHs();
  }
  double correction = 1 + 0.1 * static_cast<double>(groups.match(molecule).size());
  const RDKit::RingInfo& rings = *mol.getRingInfo();
  for (const auto& ring : rings.bondRings()) {
    const bool fused = std::any_of(ring.begin(), ring.end(), [&](int bond) {
      return rings.numBondRings(static_cast<unsigned>(bond)) > 1;
    });
    correction += fused ? 0.075 : 0.1;
  }
  return 5 * volume / std::min(correction, kMostCorrection);
}

}  // namespace odordiff::chem
