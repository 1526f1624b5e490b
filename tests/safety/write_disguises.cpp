// Writes disguises.tsv: other writings of the substances that the lists name, by kinds, for the tests of
// every edge.
//   odordiff-write-disguises data/safety > tests/safety/disguises.tsv
#include <GraphMol/MolOps.h>
#include <GraphMol/MolStandardize/Tautomer.h>
#include <GraphMol/ROMol.h>
#include <GraphMol/RWMol.h>
#include <GraphMol/SmilesParse/SmilesParse.h>
#include <GraphMol/SmilesParse/SmilesWrite.h>
#include <GraphMol/Substruct/SubstructMatch.h>
#include <RDGeneral/RDLog.h>

#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "safety/regulation.h"

namespace {

using Mol = RDKit::RWMol;
using Text = std::optional<std::string>;

Mol parsed(const std::string& smiles) {
  return Mol(*std::unique_ptr<RDKit::RWMol>(RDKit::SmilesToMol(smiles)));
}

std::string written(const RDKit::ROMol& mol) {
  return RDKit::MolToSmiles(mol);
}

std::optional<int> first_atom(const RDKit::ROMol& mol, const std::string& smarts) {
  const std::unique_ptr<RDKit::RWMol> query(RDKit::SmartsToMol(smarts));
  RDKit::MatchVectType match;
  if (!RDKit::SubstructMatch(mol, *query, match)) return std::nullopt;
  return match.front().second;
}

Text mapped(Mol mol) {
  unsigned number = 0;
  for (auto* atom : mol.atoms()) atom->setAtomMapNum(static_cast<int>(++number));
  return written(mol);
}

Text one_mapped(Mol mol) {
  mol.getAtomWithIdx(mol.getNumAtoms() - 1)->setAtomMapNum(7);
  return written(mol);
}

Text heavy(Mol mol, int element, unsigned mass) {
  bool any = false;
  for (auto* atom : mol.atoms()) {
    if (atom->getAtomicNum() != element) continue;
    atom->setIsotope(mass);
    any = true;
  }
  return any ? Text(written(mol)) : std::nullopt;
}

Text hydrogens(const Mol& mol, unsigned mass) {
  const std::unique_ptr<RDKit::ROMol> full(RDKit::MolOps::addHs(mol));
  Mol copy(*full);
  if (copy.getNumAtoms() == mol.getNumAtoms()) return std::nullopt;
  for (auto* atom : copy.atoms()) {
    if (atom->getAtomicNum() == 1) atom->setIsotope(mass);
  }
  return written(copy);
}

// A proton moved to a base or from an acid, with the ion that answers it.
Text charged(Mol mol, const std::string& smarts, int charge, const std::string& ion) {
  const auto at = first_atom(mol, smarts);
  if (!at) return std::nullopt;
  auto* atom = mol.getAtomWithIdx(static_cast<unsigned>(*at));
  const unsigned hydrogens = atom->getTotalNumHs();
  atom->setNoImplicit(true);
  atom->setNumExplicitHs(charge > 0 ? hydrogens + 1 : hydrogens - 1);
  atom->setFormalCharge(charge);
  atom->updatePropertyCache();
  return written(mol) + ion;
}

Text split_double_bond(Mol mol, const std::string& smarts) {
  const auto at = first_atom(mol, smarts);
  if (!at) return std::nullopt;
  auto* atom = mol.getAtomWithIdx(static_cast<unsigned>(*at));
  for (auto* bond : mol.atomBonds(atom)) {
    auto* other = bond->getOtherAtom(atom);
    if (bond->getBondType() != RDKit::Bond::DOUBLE || other->getAtomicNum() != 8) continue;
    bond->setBondType(RDKit::Bond::SINGLE);
    atom->setNumExplicitHs(atom->getTotalNumHs());
    atom->setNoImplicit(true);
    atom->setFormalCharge(1);
    other->setFormalCharge(-1);
    return written(mol);
  }
  return std::nullopt;
}

Text stereo(Mol mol) {
  RDKit::MolOps::assignStereochemistry(mol, true, true, true);
  bool any = false;
  for (auto* atom : mol.atoms()) {
    if (!atom->hasProp(RDKit::common_properties::_ChiralityPossible)) continue;
    atom->setChiralTag(RDKit::Atom::CHI_TETRAHEDRAL_CW);
    any = true;
  }
  return any ? Text(written(mol)) : std::nullopt;
}

Text with_dummy(Mol mol) {
  for (auto* atom : mol.atoms()) {
    if (atom->getTotalNumHs() == 0 || atom->getIsAromatic()) continue;
    const unsigned at = atom->getIdx();
    if (atom->getNumExplicitHs() > 0) atom->setNumExplicitHs(atom->getNumExplicitHs() - 1);
    RDKit::Atom dummy(0);
    const unsigned added = mol.addAtom(&dummy, false, false);
    mol.addBond(at, added, RDKit::Bond::SINGLE);
    mol.updatePropertyCache(false);
    return written(mol);
  }
  return std::nullopt;
}

// Every substance of the lists, to leave out what is a tautomer of two of them.
std::set<std::string> listed;

bool is_ambiguous(const RDKit::MolStandardize::TautomerEnumerator& enumerator, const Mol& form,
                  const std::string& own) {
  for (const auto& smiles : enumerator.enumerate(form).smiles()) {
    if (smiles != own && listed.contains(smiles)) return true;
  }
  return false;
}

Text tautomer(const Mol& mol) {
  static const char* kForms[] = {"[CX3]=[CX3][OX2H1]", "[NX2]=[CX3][OX2H1]", "[nX2]:c[OX2H1]",
                                 "[CX3]=[NX3+]([O-])[OX2H1]"};
  RDKit::MolStandardize::TautomerEnumerator enumerator;
  enumerator.setMaxTautomers(200);
  enumerator.setMaxTransforms(200);
  const std::string own = written(mol);
  for (const auto& other : enumerator.enumerate(mol).smiles()) {
    if (other == own || other.find('.') != std::string::npos || other.find("=C=") != std::string::npos)
      continue;
    const Mol form = parsed(other);
    for (const char* smarts : kForms) {
      if (first_atom(form, smarts) && !first_atom(mol, smarts) && !is_ambiguous(enumerator, form, own))
        return other;
    }
  }
  return std::nullopt;
}

struct Kind {
  const char* name;
  std::function<Text(const Mol&)> write;
};

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all = {
      {"atom maps", mapped},
      {"one atom map", one_mapped},
      {"carbon-13", [](const Mol& m) { return heavy(m, 6, 13); }},
      {"deuterium", [](const Mol& m) { return hydrogens(m, 2); }},
      {"hydrogens drawn", [](const Mol& m) { return hydrogens(m, 0); }},
      {"nitrogen-15", [](const Mol& m) { return heavy(m, 7, 15); }},
      {"oxygen-18", [](const Mol& m) { return heavy(m, 8, 18); }},
      {"hydrochloride",
       [](const Mol& m) { return charged(m, "[NX3;!$(N-[C,S]=[O,S,N]);!$(N~[N,O])]", 1, ".[Cl-]"); }},
      {"sodium salt", [](const Mol& m) { return charged(m, "[OX2H1][#6,P]", -1, ".[Na+]"); }},
      {"lone ion", [](const Mol& m) { return charged(m, "[OX2H1][C,c]", -1, ""); }},
      {"split carbonyl", [](const Mol& m) { return split_double_bond(m, "[CX3](=[OX1])[#6]"); }},
      {"split phosphoryl", [](const Mol& m) { return split_double_bond(m, "[PX4](=[OX1])"); }},
      {"stereo", stereo},
      {"hydrate", [](const Mol& m) -> Text { return written(m) + ".O"; }},
      {"in ethanol", [](const Mol& m) -> Text { return "CCO." + written(m); }},
      {"twice", [](const Mol& m) -> Text { return written(m) + "." + written(m); }},
      {"open valence", with_dummy},
      {"beside a dummy", [](const Mol& m) -> Text { return written(m) + ".*"; }},
      {"tautomer", tautomer},
      {"maps, carbon-13 and water",
       [](const Mol& m) -> Text {
         const auto once = heavy(m, 6, 13);
         return once ? Text(*mapped(parsed(*once)) + ".[2H]O[2H]") : std::nullopt;
       }},
  };
  return all;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: odordiff-write-disguises DATA_SAFETY\n");
    return 2;
  }
  boost::logging::disable_logs("rdApp.*");
  const odordiff::safety::RegulatoryTables tables(argv[1]);
  std::printf(
      "# Other writings of what data/safety names, made by odordiff-write-disguises; each must get the "
      "verdict of the\n"
      "# plain one. Columns: kind, plain writing, disguise, name.\n");
  for (const auto& entry : tables.entries()) {
    if (!entry->family) listed.insert(written(parsed(entry->structure)));
  }
  std::set<std::string> met;
  std::size_t turn = 0;
  for (const auto& entry : tables.entries()) {
    if (entry->family || !met.insert(entry->structure).second) continue;
    const Mol mol = parsed(entry->structure);
    const bool controlled = entry->status >= odordiff::safety::Status::Precursor;
    // Every kind for what is controlled, and in turn one or two for the others, tautomers for all.
    for (std::size_t k = 0; k < kinds().size(); ++k) {
      const auto& kind = kinds()[k];
      const bool is_tautomer = std::string(kind.name) == "tautomer";
      if (!controlled && !is_tautomer && k % 10 != turn % 10) continue;
      const auto text = kind.write(mol);
      if (text && *text != entry->structure)
        std::printf("%s\t%s\t%s\t%s\n", kind.name, entry->structure.c_str(), text->c_str(),
                    entry->name.c_str());
    }
    ++turn;
  }
}
