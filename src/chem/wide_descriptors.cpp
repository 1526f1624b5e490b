#include "chem/wide_descriptors.h"

#include <GraphMol/Descriptors/ConnectivityDescriptors.h>
#include <GraphMol/Descriptors/MQN.h>
#include <GraphMol/Descriptors/MolSurf.h>

#include <algorithm>
#include <cmath>

#include "chem/descriptors.h"
#include "chem/molecule_impl.h"

namespace odordiff::chem {
namespace {

namespace rd = RDKit::Descriptors;

// Groups that descriptor_vector() does not count already.
constexpr const char* kGroups[] = {
    "[OX2H][c]",                                         // phenol
    "[OX2H][CX4;H2]",                                    // primary alcohol
    "[OX2H][CX4;H1]",                                    // secondary alcohol
    "[OX2H][CX4;H0]",                                    // tertiary alcohol
    "[CX4][OX2][CX4]",                                   // aliphatic ether
    "c[OX2][CX4]",                                       // aryl alkyl ether
    "c[OX2][CH3]",                                       // aryl methyl ether
    "[CX4]([OX2;H0])[OX2;H0]",                           // acetal
    "O1[CH2]Oc2ccccc21",                                 // methylenedioxy
    "[C;R](=O)[O;R]",                                    // lactone
    "[C;R](=O)([C;R])[C;R]",                             // ring ketone
    "[#6][CX3](=O)[CX3](=O)[#6]",                        // 1,2-dione
    "C=CC(=O)[#6]",                                      // enone
    "C=C[CH]=O",                                         // enal
    "c[CH]=O",                                           // aromatic aldehyde
    "c[CX3](=O)[CX4]",                                   // aryl ketone
    "c[CX3](=O)[OX2]",                                   // aromatic acid or ester
    "[CX3](=O)[OX2][CH3]",                               // methyl ester
    "[CX3](=O)[OX2][CH2][CH3]",                          // ethyl ester
    "[CH3][CX3](=O)[OX2]",                               // acetate
    "[CH1](=O)[OX2]",                                    // formate
    "[SX2H]",                                            // thiol
    "[#6][SX2][#6;!$(C=O)]",                             // thioether
    "[SX2][SX2]",                                        // disulfide
    "[SX2][CX3]=O",                                      // thioester
    "[NX3;H2][c]",                                       // aniline
    "[NX3;H2][CX4]",                                     // primary amine
    "[NX3;H0,H1;!$(N[C,S]=[O,S])]([#6])[#6]",            // secondary or tertiary amine
    "[NX3][CX3]=O",                                      // amide
    "C#N",                                               // nitrile
    "[CX2]#[CX2]",                                       // alkyne
    "[N+](=O)[O-]",                                      // nitro
    "[CX3;!a]=[CX3;!a]",                                 // alkene
    "[CH2]=[CX3]",                                       // terminal alkene
    "C=CC=C",                                            // diene
    "[CX3]([CH3])([CH3])=C",                             // prenyl end
    "[CX4]([CH3])([CH3])[CH3]",                          // tert-butyl
    "[CX4;R]([CH3])([CH3])",                             // ring gem-dimethyl
    "[CX4;H1]([CH3])[CH3]",                              // isopropyl
    "[CH2][CH2][CH2][CH2]",                              // run of four methylenes
    "[CH2;!R][CH2;!R][CH2;!R][CH2;!R][CH2;!R][CH2;!R]",  // run of six
    "[R2;!a]",                                           // aliphatic ring fusion
    "[r3]",
    "[r4]",
    "[r5;!a]",
    "[r6;!a]",
    "[r7]",
    "[r8,r9,r10,r11,r12]",
    "[r13,r14,r15,r16,r17,r18]",
    "c1ccccc1",          // benzene
    "o1cccc1",           // furan
    "s1cccc1",           // thiophene
    "[nH]1cccc1",        // pyrrole
    "n1ccccc1",          // pyridine
    "n1ccncc1",          // pyrazine
    "s1cncc1",           // thiazole
    "o1cncc1",           // oxazole
    "c1ccc2[nH]ccc2c1",  // indole
};

const std::vector<Pattern>& groups() {
  static const std::vector<Pattern> compiled(std::begin(kGroups), std::end(kGroups));
  return compiled;
}

}  // namespace

std::vector<float> wide_descriptor_vector(const Molecule& molecule) {
  const auto first = descriptor_vector(molecule);
  std::vector<float> out(first.begin(), first.end());
  const auto push = [&out](double value) {
    out.push_back(std::isfinite(value) ? static_cast<float>(std::clamp(value, -1e6, 1e6)) : 0.0F);
  };
  const RDKit::RWMol mol = canonical_copy(molecule);
  push(rd::calcChi4v(mol));
  push(rd::calcChi0n(mol));
  push(rd::calcChi1n(mol));
  push(rd::calcChi2n(mol));
  push(rd::calcChi3n(mol));
  push(rd::calcChi4n(mol));
  push(rd::calcPhi(mol));
  for (const double v : rd::calcSlogP_VSA(mol)) push(v);
  for (const double v : rd::calcSMR_VSA(mol)) push(v);
  for (const double v : rd::calcPEOE_VSA(mol)) push(v);
  for (const unsigned v : rd::calcMQNs(mol)) push(v);
  for (const Pattern& group : groups()) push(static_cast<double>(group.match(molecule).size()));
  return out;
}

std::size_t wide_descriptor_count() {
  static const std::size_t count = wide_descriptor_vector(Molecule::parse("C")).size();
  return count;
}

}  // namespace odordiff::chem
