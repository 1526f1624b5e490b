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

Properties properties(const Molecule& molecule) {
  RDKit::RWMol mol = editable_copy(molecule);
  Properties out;
  double refractivity = 0;
  out.molecular_weight = rd::calcAMW(mol);
  rd::calcCrippenDescriptors(mol, out.logp, refractivity);
  out.tpsa = rd::calcTPSA(mol);
  out.fraction_csp3 = rd::calcFractionCSP3(mol);
  out.h_bond_donors = static_cast<int>(rd::calcNumHBD(mol));
  out.h_bond_acceptors = static_cast<int>(rd::calcNumHBA(mol));
  out.rotatable_bonds = static_cast<int>(rd::calcNumRotatableBonds(mol));
  out.rings = static_cast<int>(rd::calcNumRings(mol));
  out.aromatic_rings = static_cast<int>(rd::calcNumAromaticRings(mol));
  out.stereocenters = count_stereocenters(mol);
  return out;
}

namespace {

std::array<float, kDescriptorCount> compute_descriptors(const Molecule& molecule) {
  const RDKit::RWMol mol = editable_copy(molecule);
  const ElementCounts elements = count_elements(mol);
  double logp = 0;
  double refractivity = 0;
  rd::calcCrippenDescriptors(mol, logp, refractivity);
  const std::array<double, kDescriptorCount - kGroupCount> whole = {
      rd::calcAMW(mol),
      logp,
      refractivity,
      rd::calcTPSA(mol),
      rd::calcLabuteASA(mol),
      static_cast<double>(rd::calcNumHBD(mol)),
      static_cast<double>(rd::calcNumHBA(mol)),
      static_cast<double>(rd::calcNumRotatableBonds(mol)),
      static_cast<double>(rd::calcNumRings(mol)),
      static_cast<double>(rd::calcNumAromaticRings(mol)),
      rd::calcFractionCSP3(mol),
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
  std::array<float, kDescriptorCount> out{};
  std::transform(whole.begin(), whole.end(), out.begin(), to_finite);
  for (std::size_t i = 0; i < kGroupCount; ++i) {
    out[whole.size() + i] = static_cast<float>(group_patterns()[i].match(molecule).size());
  }
  return out;
}

}  // namespace

std::array<float, kDescriptorCount> descriptor_vector(const Molecule& mol) {
  const auto& impl = mol.impl();
  std::call_once(impl.described, [&] { impl.descriptors = compute_descriptors(mol); });
  return impl.descriptors;
}

std::array<std::string_view, kDescriptorCount> descriptor_names() {
  return kNames;
}

}  // namespace odordiff::chem
