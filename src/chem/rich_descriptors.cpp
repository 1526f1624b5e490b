#include "chem/rich_descriptors.h"

#include <GraphMol/Descriptors/Lipinski.h>
#include <GraphMol/Descriptors/MQN.h>
#include <GraphMol/Descriptors/MolSurf.h>
#include <GraphMol/PartialCharges/GasteigerCharges.h>

#include <algorithm>
#include <cmath>

#include "chem/descriptors.h"
#include "chem/molecule_impl.h"

namespace odordiff::chem {
namespace {

namespace rd = RDKit::Descriptors;

// Gasteiger's charges exist for few elements; others give no number.
std::vector<double> partial_charges(const RDKit::ROMol& mol) {
  std::vector<double> charges(mol.getNumAtoms(), 0.0);
  try {
    RDKit::computeGasteigerCharges(mol, charges);
  } catch (const std::exception&) {
    std::fill(charges.begin(), charges.end(), 0.0);
  }
  for (double& charge : charges) charge = std::isfinite(charge) ? charge : 0.0;
  if (charges.empty()) charges.push_back(0);
  return charges;
}

}  // namespace

std::array<float, kRichDescriptorCount> rich_descriptor_vector(const Molecule& molecule) {
  const RDKit::RWMol mol = canonical_copy(molecule);
  std::vector<double> values;
  values.reserve(kRichDescriptorCount);
  const auto append = [&](const auto& part) { values.insert(values.end(), part.begin(), part.end()); };
  append(descriptor_vector(molecule));
  append(rd::calcSlogP_VSA(mol));
  append(rd::calcSMR_VSA(mol));
  append(rd::calcPEOE_VSA(mol));
  append(rd::calcMQNs(mol));
  const auto charges = partial_charges(mol);
  const auto [least, most] = std::minmax_element(charges.begin(), charges.end());
  double widest = 0, narrowest = std::abs(charges.front());
  for (const double charge : charges) {
    widest = std::max(widest, std::abs(charge));
    narrowest = std::min(narrowest, std::abs(charge));
  }
  append(std::array{*most, *least, widest, narrowest});
  append(std::array{rd::calcNumSaturatedRings(mol), rd::calcNumAliphaticRings(mol),
                    rd::calcNumHeterocycles(mol), rd::calcNumAromaticHeterocycles(mol),
                    rd::calcNumAmideBonds(mol), rd::calcNumHeteroatoms(mol)});
  std::array<float, kRichDescriptorCount> out{};
  for (std::size_t i = 0; i < out.size() && i < values.size(); ++i) {
    out[i] = std::isfinite(values[i]) ? static_cast<float>(std::clamp(values[i], -1e9, 1e9)) : 0.0F;
  }
  return out;
}

}  // namespace odordiff::chem
