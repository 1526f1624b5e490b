#include "chem/tautomers.h"

#include <GraphMol/MolStandardize/Tautomer.h>
#include <GraphMol/SmilesParse/SmilesWrite.h>

#include <algorithm>
#include <mutex>

#include "chem/molecule_impl.h"
#include "chem/pattern_set.h"

namespace odordiff::chem {
namespace {

// Forms that go over into another one by themselves.
constexpr const char* kUnlasting[] = {
    "[CX3]=[CX3][OX2H1,SX2H1]",  // enol, enethiol
    "[CX3]=[CX3][NX3;!H0]",      // enamine
    "C#C[OX2H1,SX2H1]",          // ynol
    "C#C[NX3;!H0]",              // ynamine
    "[NX2]=[CX3][OX2H1,SX2H1]",  // imidic acid
    "[NX2;H1]=[#6]",             // imine, amidine
    "[nX2]:c[OX2H1,SX2H1]",      // lactim
    "[OX2H1,SX2H1]c1ccncc1",     // 4-hydroxypyridine
    "[nX2]:c[NX3;!H0]",          // aminoazine
    "[nX3;H1]:[nX2]",            // azole
    "[nX3;H1]:[#6]:[nX2]",
    "[OX2H1,SX2H1]c1[o,s,n]ccc1",            // 2-hydroxyfuran
    "[OX2H1,SX2H1]c1c[o,s,n]cc1",            // 3-hydroxyfuran
    "[CX3]=[NX3+]([O-])[OX2H1]",             // aci-nitro
    "[CX4;!H0][NX2]=[OX1]",                  // nitroso with hydrogen beside it
    "[CX4;!H0][NX2]=[NX2]",                  // azo with hydrogen beside it
    "O=C1[CX4;!H0][#6]=,:[#6][#6]=,:[#6]1",  // keto form of a phenol
    "O=C1[#6]=,:[#6][CX4;!H0][#6]=,:[#6]1",
    "N=C1[CX4;!H0][#6]=,:[#6][#6]=,:[#6]1",
    "N=C1[#6]=,:[#6][CX4;!H0][#6]=,:[#6]1",
    "[CX4;!H0]1[#6]=[NX2]c2ccccc12",  // 3H-indole
    "[PX3][OX2H1]",                   // phosphorous acid and its kin
    "[CX1-]#[N+;!H0]",                // hydrogen isocyanide
    "N#C[OX2H1,SX2H1]",               // cyanic acid
};

bool is_tetrahedral(const RDKit::ROMol& mol, const RDKit::Atom& atom) {
  for (const auto* bond : mol.atomBonds(&atom)) {
    if (bond->getBondType() != RDKit::Bond::SINGLE) return false;
  }
  return true;
}

// Whether a pattern of kUnlasting can match at all; most molecules are told apart here, at little cost.
bool may_be_unlasting(const RDKit::ROMol& mol) {
  bool ring_diene = false;
  int double_bonds = 0;
  for (const auto* atom : mol.atoms()) {
    const int number = atom->getAtomicNum();
    if (number == 15) return true;
    if (number != 7 && number != 8 && number != 16) continue;
    const bool has_hydrogen = atom->getTotalNumHs() > 0;
    if (number == 7 && (has_hydrogen || (!atom->getIsAromatic() && !is_tetrahedral(mol, *atom)))) return true;
    if (!has_hydrogen) continue;
    for (const auto* neighbour : mol.atomNeighbors(atom)) {
      if (!is_tetrahedral(mol, *neighbour)) return true;
    }
  }
  for (const auto* bond : mol.bonds()) {
    const bool plain_double = bond->getBondType() == RDKit::Bond::DOUBLE;
    double_bonds += plain_double || bond->getIsAromatic() ? 1 : 0;
    if (!plain_double) continue;
    for (const auto* atom : {bond->getBeginAtom(), bond->getEndAtom()})
      ring_diene =
          ring_diene || (atom->getAtomicNum() == 6 && bond->getOtherAtom(atom)->getAtomicNum() != 6 &&
                         mol.getRingInfo()->isAtomInRingOfSize(atom->getIdx(), 6));
  }
  return ring_diene && double_bonds >= 3;
}

bool is_unlasting(const Molecule& mol) {
  if (!may_be_unlasting(rdkit_mol(mol))) return false;
  static const PatternSet patterns = [] {
    PatternSet out;
    for (const char* smarts : kUnlasting) out.add(smarts);
    return out;
  }();
  return !patterns.match(mol).empty();
}

// As canonical SMILES without stereo. Their marks of aromaticity may be other than those of a molecule that
// was read.
std::vector<std::string> enumerate(const Molecule& mol, unsigned most) {
  // What RDKit's enumerator shares between calls is not said to be safe to use from many threads; this is
  // rare.
  static std::mutex mutex;
  static RDKit::MolStandardize::TautomerEnumerator enumerator = [] {
    RDKit::MolStandardize::TautomerEnumerator out;
    out.setReassignStereo(false);
    return out;
  }();
  const auto flat = Molecule::try_parse(mol.flat_smiles());
  if (!flat) return {};
  const std::lock_guard lock(mutex);
  enumerator.setMaxTautomers(most);
  enumerator.setMaxTransforms(most);
  try {
    return enumerator.enumerate(editable_copy(*flat)).smiles();
  } catch (const std::exception&) {
    return {};
  }
}

bool reaches(const Molecule& from, const Molecule& to) {
  const std::string wanted = to.flat_smiles();
  const auto all = enumerate(from, kMostTautomers);
  return std::any_of(all.begin(), all.end(), [&](const std::string& smiles) {
    if (smiles == wanted) return true;
    const auto mol = Molecule::try_parse(smiles);
    return mol && mol->flat_smiles() == wanted;
  });
}

}  // namespace

bool are_tautomers(const Molecule& a, const Molecule& b) {
  return (is_unlasting(a) && reaches(a, b)) || (is_unlasting(b) && reaches(b, a));
}

std::vector<Molecule> lasting_tautomers(const Molecule& mol) {
  std::vector<Molecule> out;
  if (!is_unlasting(mol)) return out;
  for (const auto& smiles : enumerate(mol, kFewTautomers)) {
    auto form = Molecule::try_parse(smiles);
    if (form && !is_unlasting(*form)) out.push_back(*std::move(form));
  }
  return out;
}

}  // namespace odordiff::chem
