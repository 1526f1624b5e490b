#include "safety/tox21_features.h"

#include <array>
#include <cmath>

#include "chem/fingerprint.h"
#include "chem/pattern_set.h"
#include "chem/rich_descriptors.h"

namespace odordiff::safety {
namespace {

// Groups that ligands of nuclear receptors and causes of cell stress have in common.
constexpr std::array kToxGroups = {
    // skeletons of hormones and their imitators
    "[#6]1~[#6]~[#6]~[#6]2~[#6](~[#6]1)~[#6]~[#6]~[#6]1~[#6]3~[#6]~[#6]~[#6]~[#6]~3~[#6]~[#6]~[#6]~2~"
    "1",  // steroid
    "[OX1]=[#6]1[#6]=[#6][#6][#6][#6]1", "[OX2H]c1ccc([#6])cc1", "[OX2H]c1ccc([CX4](c2ccccc2))cc1",
    "[OX2H]c1ccc(cc1)[CX4;H0]", "c1ccccc1[CX3]=[CX3]c1ccccc1", "O=c1cc(-c2ccccc2)oc2ccccc12",
    "O=c1c(-c2ccccc2)coc2ccccc12", "c1ccccc1[CX4]c1ccccc1", "c1ccccc1-c1ccccc1", "c1ccccc1[#8,#16]c1ccccc1",
    "c1ccccc1[CX3](=[OX1])c1ccccc1", "[NX3+](=O)([O-])c1ccc([NX3])cc1",
    // flat aromatics and azoles
    "a1aaa2aaaaa2a1", "c1ccc2c(c1)ccc1ccccc12", "c1ccc2cc3ccccc3cc2c1", "[n;H1]1cccc1", "[nX2]1cncc1",
    "[nX2]1cnnc1", "n1cncn1", "c1ccc2[nH]ccc2c1", "c1ccc2[nH]cnc2c1", "c1ccc2scnc2c1", "c1ccsc1", "c1ccoc1",
    "[nX2]1ccccc1", "c1ccc2ncccc2c1", "c1cnc2ncncc2n1",
    // electrophiles and redox cyclers
    "O=C1C=CC(=O)C=C1", "[OX2H]c1ccccc1[OX2H]", "[OX2H]c1ccc([OX2H,NX3;H2])cc1", "[CX3]=[CX3][CX3]=[OX1]",
    "[CX3;H1]=[OX1]", "[OX2]1[CX4][CX4]1", "[NX3+](=O)[O-]", "[NX2]=[NX2]", "[NX3][NX3]", "[SX2H]",
    "[SX2][SX2]", "[NX3][CX3](=[SX1])[SX2]", "[NX3][CX3]=[SX1]", "[NX2]=[CX2]=[SX1]", "[Cl,Br,I][CX4]",
    "[NX3;H2]c", "[NX3;H1,H0]([CX4])c", "O=C1NC(=O)c2ccccc12",
    // charge, chains, halogens, metals
    "[NX3;H0;!$(N-C=O)]([CX4])([CX4])[CX4]", "[NX4+]", "[NX3;H2,H1;!$(N-C=O)][CX4]", "[CX3](=O)[OX2H,OX1-]",
    "[CX3](=O)[OX2][#6]", "[CX3](=O)[NX3]", "[NX3][CX3](=O)[NX3]", "[NX3][CX3](=O)[OX2]",
    "[NX3][CX3](=[NX2])[NX3]", "[SX4](=O)(=O)[NX3]", "[SX4](=O)(=O)[OX2H,OX1-]", "[PX4](=[OX1,SX1])[OX2,SX2]",
    "[CX4;H2][CX4;H2][CX4;H2][CX4;H2][CX4;H2][CX4;H2][CX4;H3]", "[CX4](F)(F)F", "[F]c", "[Cl]c", "[Br,I]c",
    "Clc:cCl", "[CX2]#[NX1]", "[CX2]#[CX2]", "[CX4;H0]([CX4;H3])([CX4;H3])[CX4;H3]", "[Sn,Hg,As,Pb]", "[Si]",
    "[CX4;r3]", "[CX4]([OX2H])[CX4][OX2H]", "[OX2;r5,r6][CX4][OX2]"};

const chem::PatternSet& tox_groups() {
  static const chem::PatternSet compiled = [] {
    chem::PatternSet set;
    for (const char* smarts : kToxGroups) set.add(smarts);
    return set;
  }();
  return compiled;
}

}  // namespace

Tox21Features tox21_features(const chem::Molecule& mol) {
  Tox21Features features;
  const auto counts = chem::morgan_counts(mol, 2, kTox21Bins);
  features.fingerprint.reserve(counts.size());
  for (const auto& [bin, count] : counts)
    features.fingerprint.emplace_back(bin, std::log1p(static_cast<float>(count)));
  for (const float value : chem::rich_descriptor_vector(mol)) {
    features.dense.push_back(std::copysign(std::log1p(std::abs(value)), value));
  }
  const std::size_t first_group = features.dense.size();
  features.dense.resize(first_group + kToxGroups.size(), 0.0F);
  for (const auto& hit : tox_groups().match(mol)) {
    features.dense[first_group + hit.pattern] = std::log1p(static_cast<float>(hit.atoms.size()));
  }
  return features;
}

}  // namespace odordiff::safety
