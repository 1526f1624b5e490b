#include "scent/physical_features.h"

#include <cmath>

#include "chem/descriptors.h"

namespace odordiff::scent {
namespace {

float compressed(float x) {
  return std::copysign(std::log1p(std::abs(x)), x);
}

}  // namespace

PhysicalFeatures physical_features(const chem::Molecule& mol) {
  PhysicalFeatures f;
  f.dense.reserve(kPhysicalDense);
  for (const float x : chem::descriptor_vector(mol)) f.dense.push_back(compressed(x));
  // Fluorine, chlorine, bromine, iodine, boron, silicon, phosphorus, all others.
  std::array<int, 8> elements{};
  for (const int number : mol.atomic_numbers()) {
    switch (number) {
      case 6:
      case 7:
      case 8:
      case 16:
        break;
      case 9:
        ++elements[0];
        break;
      case 17:
        ++elements[1];
        break;
      case 35:
        ++elements[2];
        break;
      case 53:
        ++elements[3];
        break;
      case 5:
        ++elements[4];
        break;
      case 14:
        ++elements[5];
        break;
      case 15:
        ++elements[6];
        break;
      default:
        ++elements[7];
    }
  }
  for (const int n : elements) f.dense.push_back(compressed(static_cast<float>(n)));
  f.groups = chem::morgan_counts(mol, 1, kPhysicalBins);
  for (const auto& [bin, count] : f.groups) f.group_total += static_cast<float>(count);
  f.size = static_cast<float>(std::pow(mol.heavy_atoms(), 0.6587) + 1.6902);
  return f;
}

}  // namespace odordiff::scent
