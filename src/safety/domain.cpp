#include "safety/domain.h"

#include <array>

namespace odordiff::safety {
namespace {

constexpr int kMostHeavyAtoms = 40;  // 97 % of the Tox21 molecules have at most so many

bool is_modelled(int element) {
  constexpr std::array<int, 11> kModelled = {5, 6, 7, 8, 9, 14, 15, 16, 17, 35, 53};
  for (const int known : kModelled) {
    if (element == known) return true;
  }
  return false;
}

struct Chains {
  chem::Pattern peptide{"[NX3][CX4][CX3](=[OX1])[NX3][CX4][CX3](=[OX1])[NX3][CX4][CX3]=[OX1]"};
  chem::Pattern polyether{"[OX2][CX4][CX4][OX2][CX4][CX4][OX2][CX4][CX4][OX2][CX4][CX4][OX2]"};
};

const Chains& chains() {
  static const Chains compiled;
  return compiled;
}

}  // namespace

std::string out_of_domain(const chem::Molecule& mol, const chem::Constitution& c) {
  if (c.dummy) return "holds an atom without an element, as a polymer's repeat unit does";
  for (const int element : c.elements) {
    if (!is_modelled(element)) {
      return "holds a metal or another element that the models were not taught (atomic number " +
             std::to_string(element) + ")";
    }
  }
  if (c.carbons == 0) return "holds no carbon";
  if (c.components > 1) return "has " + std::to_string(c.components) + " components: a salt or a mixture";
  if (c.radical) return "has an unpaired electron";
  if (c.isotope) return "holds a marked isotope";
  if (c.charged_atoms || c.formal_charge != 0) return "is charged";
  if (c.heavy_atoms > kMostHeavyAtoms) {
    return "has " + std::to_string(c.heavy_atoms) + " heavy atoms; the models know up to " +
           std::to_string(kMostHeavyAtoms);
  }
  if (c.heavy_atoms >= 13) {
    if (chains().peptide.matches(mol)) return "is a peptide";
    if (chains().polyether.matches(mol)) return "is a polyether";
  }
  return {};
}

}  // namespace odordiff::safety
