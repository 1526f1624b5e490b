// Whole-molecule properties, for reports and as model features.
#include "chem/descriptors.h"

#include <GraphMol/Descriptors/ConnectivityDescriptors.h>
#include <GraphMol/Descriptors/Crippen.h>
#include <GraphMol/Descriptors/Lipinski.h>
#include <GraphMol/Descriptors/MolDescriptors.h>
#include <GraphMol/Descriptors/MolSurf.h>
#include <GraphMol/MolOps.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "chem/molecule_impl.h"

namespace odordiff::chem {
namespace {

namespace rd = RDKit::Descriptors;

constexpr std::array<std::string_view, kDescriptorCount> kNames = {"molecular_weight",
                                                                   "logp",
                                                                   "molar_refractivity",
                                                                   "tpsa",
                                                                   "labute_asa",
                                                                   "h_bond_donors",
                                                                   "h_bond_acceptors",
                                                                   "rotatable_bonds",
                                                                   "rings",
                                                                   "aromatic_rings",
                                                                   "fraction_csp3",
                                                                   "heavy_atoms",
                                                                   "carbons",
                                                                   "nitrogens",
                                                                   "oxygens",
                                                                   "sulfurs",
                                                                   "halogens",
                                                                   "kappa1",
                                                                   "kappa2",
                                                                   "kappa3",
                                                                   "hall_kier_alpha",
                                                                   "chi0v",
                                                                   "chi1v",
                                                                   "chi2v",
                                                                   "chi3v",
                                                                   "bridgeheads",
                                                                   "spiro_atoms",
                                                                   "esters",
                                                                   "aldehydes",
                                                                   "ketones",
                                                                   "alcohols",
                                                                   "acids"};

constexpr std::size_t kGroupCount = 5;

// In the order of the last names above.
const std::array<Pattern, kGroupCount>& group_patterns() {
  static const std::array<Pattern, kGroupCount> patterns = {
      Pattern("[CX3](=[OX1])[OX2H0][#6]"), Pattern("[$([CX3H1][#6]),$([CX3H2])]=[OX1]"),
      Pattern("[#6][CX3](=[OX1])[#6]"), Pattern("[CX4][OX2H]"), Pattern("[CX3](=[OX1])[OX2H1]")};
  return patterns;
}

struct ElementCounts {
  int heavy = 0;
  int carbon = 0;
  int nitrogen = 0;
  int oxygen = 0;
  int sulfur = 0;
  int halogen = 0;
};

ElementCounts count_elements(const RDKit::ROMol& mol) {
  ElementCounts counts;
  for (const auto* atom : mol.atoms()) {
    const int number = atom->getAtomicNum();
    counts.heavy += number != 1;
    counts.carbon += number == 6;
    counts.nitrogen += number == 7;
    counts.oxygen += number == 8;
    counts.sulfur += number == 16;
    counts.halogen += number == 9 || number == 17 || number == 35 || number == 53;
  }
  return counts;
}

float to_finite(double value) {
  if (!std::isfinite(value)) return 0.0F;
  constexpr double kMost = std::numeric_limits<float>::max();
  return static_cast<float>(std::clamp(value, -kMost, kMost));
}

// Fills the molecule's properties and descriptors, most of which are the same numbers.
void describe(const Molecule& molecule) {
  RDKit::RWMol mol = canonical_copy(molecule);
  Properties& p = molecule.impl().properties;
  double refractivity = 0;
  p.molecular_weight = rd::calcAMW(mol);
  rd::calcCrippenDescriptors(mol, p.logp, refractivity);
  p.tpsa = rd::calcTPSA(mol);
  p.fraction_csp3 = rd::calcFractionCSP3(mol);
  p.h_bond_donors = static_cast<int>(rd::calcNumHBD(mol));
  p.h_bond_acceptors = static_cast<int>(rd::calcNumHBA(mol));
  p.rotatable_bonds = static_cast<int>(rd::calcNumRotatableBonds(mol));
  p.rings = static_cast<int>(rd::calcNumRings(mol));
  p.aromatic_rings = static_cast<int>(rd::calcNumAromaticRings(mol));

  const ElementCounts elements = count_elements(mol);
  const std::array<double, kDescriptorCount - kGroupCount> whole = {
      p.molecular_weight,
      p.logp,
      refractivity,
      p.tpsa,
      rd::calcLabuteASA(mol),
      static_cast<double>(p.h_bond_donors),
      static_cast<double>(p.h_bond_acceptors),
      static_cast<double>(p.rotatable_bonds),
      static_cast<double>(p.rings),
      static_cast<double>(p.aromatic_rings),
      p.fraction_csp3,
      static_cast<double>(elements.heavy),
      static_cast<double>(elements.carbon),
      static_cast<double>(elements.nitrogen),
      static_cast<double>(elements.oxygen),
      static_cast<double>(elements.sulfur),
      static_cast<double>(elements.halogen),
      rd::calcKappa1(mol),
      rd::calcKappa2(mol),
      rd::calcKappa3(mol),
      rd::calcHallKierAlpha(mol),
      rd::calcChi0v(mol),
      rd::calcChi1v(mol),
      rd::calcChi2v(mol),
      rd::calcChi3v(mol),
      static_cast<double>(rd::calcNumBridgeheadAtoms(mol)),
      static_cast<double>(rd::calcNumSpiroAtoms(mol)),
  };
  auto& descriptors = molecule.impl().descriptors;
  std::transform(whole.begin(), whole.end(), descriptors.begin(), to_finite);
  for (std::size_t i = 0; i < kGroupCount; ++i) {
    descriptors[whole.size() + i] = static_cast<float>(group_patterns()[i].match(molecule).size());
  }
  p.stereocenters = count_stereocenters(mol);  // last: it changes the copy
}

const Molecule::Impl& described(const Molecule& mol) {
  std::call_once(mol.impl().described, describe, mol);
  return mol.impl();
}

}  // namespace

int count_stereocenters(RDKit::ROMol& mol) {
  RDKit::MolOps::assignStereochemistry(mol, false, true, true);
  int centers = 0;
  for (const auto* atom : mol.atoms()) {
    centers += atom->hasProp(RDKit::common_properties::_CIPCode) ||
               atom->hasProp(RDKit::common_properties::_ChiralityPossible);
  }
  return centers;
}

double molecular_weight(const Molecule& mol) {
  return rd::calcAMW(rdkit_mol(mol));
}

Properties properties(const Molecule& mol) {
  return described(mol).properties;
}

std::array<float, kDescriptorCount> descriptor_vector(const Molecule& mol) {
  return described(mol).descriptors;
}

std::array<std::string_view, kDescriptorCount> descriptor_names() {
  return kNames;
}

}  // namespace odordiff::chem
