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

bool is_unlasting(const Molecule& mol) {
  static const PatternSet patterns = [] {
    PatternSet out;
    for (const char* smarts : kUnlasting) out.add(smarts);
    return out;
  }();
  return !patterns.match(mol).empty();
}

// As canonical SMILES without stereo. Their marks of aromaticity may be other than those of a molecule that
// was read.
std::vector<std::string> enumerate(const Molecule& mol) {
  // What RDKit's enumerator shares between calls is not said to be safe to use from many threads; this is
  // rare.
  static std::mutex mutex;
  static const RDKit::MolStandardize::TautomerEnumerator enumerator = [] {
    RDKit::MolStandardize::TautomerEnumerator out;
    out.setMaxTautomers(kMostTautomers);
    out.setMaxTransforms(kMostTautomers);
    out.setReassignStereo(false);
    return out;
  }();
  const auto flat = Molecule::try_parse(mol.flat_smiles());
  if (!flat) return {};
  const std::lock_guard lock(mutex);
  try {
    return enumerator.enumerate(editable_copy(*flat)).smiles();
  } catch (const std::exception&) {
    return {};
  }
}

bool reaches(const Molecule& from, const Molecule& to) {
  const std::string wanted = to.flat_smiles();
  const auto all = enumerate(from);
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
  for (const auto& smiles : enumerate(mol)) {
    auto form = Molecule::try_parse(smiles);
    if (form && !is_unlasting(*form)) out.push_back(*std::move(form));
  }
  return out;
}

}  // namespace odordiff::chem
