#include "chem/substance.h"

#include <GraphMol/MolOps.h>
#include <GraphMol/MolStandardize/Charge.h>
#include <GraphMol/SmilesParse/SmilesParse.h>
#include <GraphMol/SmilesParse/SmilesWrite.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <unordered_set>

#include "base/error.h"
#include "chem/molecule_impl.h"

namespace odordiff::chem {
namespace {

// Ions and mineral acids of salts. Heavy metals and oxidisers are not here: they make another substance.
const std::vector<std::string> kIons = {
    "[H][H]", "[H+]",  "[OH-]", "[OH3+]", "N",     "[NH4+]", "F",    "[F-]",        "Cl",         "[Cl-]",
    "Br",     "[Br-]", "I",     "[I-]",   "[Li+]", "[Na+]",  "[K+]", "[Mg+2]",      "[Ca+2]",     "[Li]",
    "[Na]",   "[K]",   "[Mg]",  "[Ca]",   "[LiH]", "[NaH]",  "[KH]", "O=S(=O)(O)O", "O=P(O)(O)O", "O=C(O)O"};
// In which materials are sold.
const std::vector<std::string> kSolvents = {"O", "CCO", "CC(C)O", "CC(O)CO", "OCC(O)CO", "CS(C)=O"};
// Organic acids that salts are made with.
const std::vector<std::string> kAcids = {
    "CC(=O)O",        "O=C(O)C(=O)O",         "O=C(O)C=CC(=O)O",
    "O=C(O)CCC(=O)O", "O=C(O)C(O)C(O)C(=O)O", "O=C(O)CC(O)(CC(=O)O)C(=O)O",
    "O=C(O)C(F)(F)F", "CS(=O)(=O)O",          "Cc1ccc(S(=O)(=O)O)cc1"};

bool is_listed(const std::vector<std::string>& list, const std::string& smiles) {
  return std::find(list.begin(), list.end(), smiles) != list.end();
}

// Alkali, earth, transition and later metals.
bool is_metal(int number) {
  return number == 3 || number == 4 || (number >= 11 && number <= 13) || (number >= 19 && number <= 31) ||
         (number >= 37 && number <= 50) || (number >= 55 && number <= 84) || number >= 87;
}

// A bond of two neighbours with opposite charges may stand as a multiple bond: not where the positive one has
// no valence left for it (nitro groups, N-oxides, ylides of nitrogen).
bool takes_a_bond(const RDKit::Atom& atom) {
  switch (atom.getAtomicNum()) {
    case 6:
    case 14:
    case 15:
    case 16:
    case 33:
    case 34:
    case 52:
      return atom.getFormalCharge() > 0 && !atom.getIsAromatic();
    default:
      return false;
  }
}

bool gives_a_bond(const RDKit::Atom& atom) {
  const int number = atom.getAtomicNum();
  return atom.getFormalCharge() < 0 && !atom.getIsAromatic() &&
         (number == 6 || number == 7 || number == 8 || number == 16 || number == 34);
}

bool is_separated_charge(const RDKit::ROMol& mol, const RDKit::Atom& atom) {
  for (const auto* neighbour : mol.atomNeighbors(&atom)) {
    if (neighbour->getFormalCharge() * atom.getFormalCharge() < 0) return true;
  }
  return false;
}

template <typename Is>
bool has_atom(const RDKit::ROMol& mol, Is&& is) {
  for (const auto* atom : mol.atoms()) {
    if (is(*atom)) return true;
  }
  return false;
}

// A bond that SMILES can write and tables do not: dative, or of any order. Not where a metal may hold it.
bool is_odd(const RDKit::Bond& bond) {
  if (is_metal(bond.getBeginAtom()->getAtomicNum()) || is_metal(bond.getEndAtom()->getAtomicNum()))
    return false;
  switch (bond.getBondType()) {
    case RDKit::Bond::SINGLE:
    case RDKit::Bond::DOUBLE:
    case RDKit::Bond::TRIPLE:
    case RDKit::Bond::AROMATIC:
      return bond.hasQuery();
    default:
      return true;
  }
}

bool are_two_radicals(const RDKit::Bond& bond) {
  return bond.getBeginAtom()->getNumRadicalElectrons() > 0 && bond.getEndAtom()->getNumRadicalElectrons() > 0;
}

struct Marks {
  bool decorated =
      false;  // maps, isotopes, dummies, hydrogens, metals, charges or radicals that make a bond, odd bonds
  bool charged = false;  // charges that no neighbour answers, or a charge of the whole
};

Marks marks_of(const RDKit::ROMol& mol) {
  Marks out;
  int charge = 0;
  for (const auto* atom : mol.atoms()) {
    charge += atom->getFormalCharge();
    const int number = atom->getAtomicNum();
    out.decorated = out.decorated || number <= 1 || atom->getAtomMapNum() != 0 || atom->getIsotope() != 0 ||
                    (is_metal(number) && atom->getDegree() > 0);
    if (atom->getFormalCharge() == 0) continue;
    const bool separated = is_separated_charge(mol, *atom);
    out.charged = out.charged || !separated;
    out.decorated = out.decorated || (separated && takes_a_bond(*atom));
  }
  out.charged = out.charged || charge != 0;
  for (const auto* bond : mol.bonds())
    out.decorated = out.decorated || is_odd(*bond) || are_two_radicals(*bond);
  return out;
}

void make_bonds_plain(RDKit::RWMol& mol) {
  for (unsigned i = 0; i < mol.getNumBonds(); ++i) {
    if (!is_odd(*mol.getBondWithIdx(i))) continue;
    RDKit::Bond single(RDKit::Bond::SINGLE);
    mol.replaceBond(i, &single);
  }
}

// An atom with one single bond becomes hydrogen, any other goes and leaves hydrogens behind.
void replace_dummies(RDKit::RWMol& mol) {
  const auto is_dummy = [](const RDKit::Atom& atom) { return atom.getAtomicNum() == 0; };
  if (!has_atom(mol, is_dummy)) return;
  RDKit::MolOps::Kekulize(mol, true);
  for (unsigned i = mol.getNumAtoms(); i-- > 0;) {
    RDKit::Atom* atom = mol.getAtomWithIdx(i);
    if (!is_dummy(*atom)) continue;
    bool as_hydrogen = atom->getDegree() == 1;
    for (const auto* bond : mol.atomBonds(atom)) {
      as_hydrogen =
          as_hydrogen && bond->getBondType() == RDKit::Bond::SINGLE && !is_dummy(*bond->getOtherAtom(atom));
    }
    if (as_hydrogen) {
      RDKit::Atom hydrogen(1);
      hydrogen.setNoImplicit(true);
      mol.replaceAtom(i, &hydrogen);
      continue;
    }
    for (const auto* bond : mol.atomBonds(atom)) {
      auto* neighbour = bond->getOtherAtom(atom);
      neighbour->setChiralTag(RDKit::Atom::CHI_UNSPECIFIED);
      if (!neighbour->getNoImplicit()) continue;
      const auto order = static_cast<unsigned>(bond->getBondTypeAsDouble());
      neighbour->setNumExplicitHs(neighbour->getNumExplicitHs() + order);
    }
    mol.removeAtom(i);
  }
}

void join_charges_and_radicals(RDKit::RWMol& mol) {
  for (auto* bond : mol.bonds()) {
    RDKit::Atom *a = bond->getBeginAtom(), *b = bond->getEndAtom();
    if (are_two_radicals(*bond) && bond->getBondType() == RDKit::Bond::SINGLE) {
      bond->setBondType(RDKit::Bond::DOUBLE);
      bond->setBondDir(RDKit::Bond::NONE);
      for (auto* atom : {a, b}) atom->setNumRadicalElectrons(atom->getNumRadicalElectrons() - 1);
      continue;
    }
    if (!takes_a_bond(*a)) std::swap(a, b);
    if (!takes_a_bond(*a) || !gives_a_bond(*b)) continue;
    const auto type = bond->getBondType();
    if (type != RDKit::Bond::SINGLE && type != RDKit::Bond::DOUBLE) continue;
    bond->setBondType(type == RDKit::Bond::SINGLE ? RDKit::Bond::DOUBLE : RDKit::Bond::TRIPLE);
    bond->setBondDir(RDKit::Bond::NONE);
    a->setFormalCharge(a->getFormalCharge() - 1);
    b->setFormalCharge(b->getFormalCharge() + 1);
  }
}

// Cuts what is bonded as in a salt; not from carbon, and not from a metal with double bonds, as in
// permanganate.
void free_metals(RDKit::RWMol& mol) {
  for (unsigned i = mol.getNumBonds(); i-- > 0;) {
    const auto* bond = mol.getBondWithIdx(i);
    RDKit::Atom *metal = bond->getBeginAtom(), *other = bond->getEndAtom();
    if (!is_metal(metal->getAtomicNum())) std::swap(metal, other);
    const int number = other->getAtomicNum();
    if (!is_metal(metal->getAtomicNum()) || is_metal(number) || number == 6 || number == 1) continue;
    bool all_single = true;
    for (const auto* held : mol.atomBonds(metal))
      all_single = all_single && held->getBondType() == RDKit::Bond::SINGLE;
    if (!all_single) continue;
    for (auto [atom, charge] : {std::pair(metal, 1), std::pair(other, -1)}) {
      atom->setFormalCharge(atom->getFormalCharge() + charge);
      atom->setNumExplicitHs(atom->getTotalNumHs());
      atom->setNoImplicit(true);
    }
    mol.removeBond(bond->getBeginAtomIdx(), bond->getEndAtomIdx());
  }
}

RDKit::MolOps::RemoveHsParameters every_hydrogen() {
  RDKit::MolOps::RemoveHsParameters out;
  out.removeIsotopes = true;
  out.removeDummyNeighbors = true;
  out.removeDefiningBondStereo = true;
  out.removeNontetrahedralNeighbors = true;
  out.showWarnings = false;
  return out;
}

std::string undecorated_smiles(const Molecule& molecule) {
  RDKit::RWMol mol = editable_copy(molecule);
  make_bonds_plain(mol);
  replace_dummies(mol);
  for (auto* atom : mol.atoms()) {
    atom->setAtomMapNum(0);
    atom->setIsotope(0);
  }
  join_charges_and_radicals(mol);
  RDKit::MolOps::sanitizeMol(mol);
  RDKit::MolOps::removeHs(mol, every_hydrogen());
  free_metals(mol);
  for (auto* atom : mol.atoms()) atom->updatePropertyCache(false);
  // What was a centre by its isotopes alone is none now.
  RDKit::MolOps::assignStereochemistry(mol, true, true);
  return RDKit::MolToSmiles(mol);
}

// Of a charge in an aromatic ring that holds only with it, as in furanolates.
std::optional<Molecule> neutral_in_bonds(const Molecule& part) {
  try {
    RDKit::RWMol mol = editable_copy(part);
    RDKit::MolOps::Kekulize(mol, true);
    const std::unique_ptr<RDKit::ROMol> neutral(RDKit::MolStandardize::Uncharger().uncharge(mol));
    return Molecule::try_parse(RDKit::MolToSmiles(*neutral));
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

Molecule neutral(const Molecule& part) {
  if (!marks_of(rdkit_mol(part)).charged) return part;
  try {
    return part.neutral_largest_fragment();
  } catch (const InvalidInput&) {
    return neutral_in_bonds(part).value_or(part);
  }
}

std::vector<Molecule> neutral_parts(const Molecule& mol) {
  if (mol.smiles().find('.') == std::string::npos) return {neutral(mol)};
  std::vector<Molecule> out;
  std::unordered_set<std::string> seen;
  for (const auto& fragment : RDKit::MolOps::getMolFrags(rdkit_mol(mol))) {
    const auto part = Molecule::try_parse(RDKit::MolToSmiles(*fragment));
    if (!part) continue;
    Molecule one = neutral(*part);
    if (seen.insert(one.smiles()).second) out.push_back(std::move(one));
  }
  return out;
}

bool has_carbon(const Molecule& mol) {
  return has_atom(rdkit_mol(mol), [](const auto& atom) { return atom.getAtomicNum() == 6; });
}

// Those of `parts` for which `keep` holds.
template <typename Keep>
std::vector<Molecule> those(const std::vector<Molecule>& parts, Keep&& keep) {
  std::vector<Molecule> out;
  std::copy_if(parts.begin(), parts.end(), std::back_inserter(out), keep);
  return out;
}

// `parts` without what stands beside the substance that is meant.
std::vector<Molecule> main_parts(const std::vector<Molecule>& parts) {
  if (parts.size() == 1) return parts;
  const auto is_ion = [](const Molecule& part) { return is_listed(kIons, part.smiles()); };
  const auto dissolved =
      those(parts, [](const auto& part) { return !is_listed(kSolvents, part.flat_smiles()); });
  const auto substance = those(dissolved, [&](const auto& part) { return !is_ion(part); });
  if (substance.empty()) {
    const auto organic = those(parts, has_carbon);
    return organic.empty() ? parts : organic;
  }
  if (!std::all_of(substance.begin(), substance.end(), has_carbon)) return dissolved;
  const auto base = those(substance, [](const auto& part) { return !is_listed(kAcids, part.flat_smiles()); });
  return base.empty() ? substance : base;
}

Molecule joined(const std::vector<Molecule>& parts) {
  if (parts.size() == 1) return parts.front();
  std::vector<std::string> texts;
  for (const auto& part : parts) texts.push_back(part.smiles());
  std::sort(texts.begin(), texts.end());
  std::string text;
  for (const auto& part : texts) text += (text.empty() ? "" : ".") + part;
  return Molecule::parse(text);
}

}  // namespace

PlainForm plain_form(const Molecule& given) {
  const Marks marks = marks_of(rdkit_mol(given));
  const bool several = given.smiles().find('.') != std::string::npos;
  if (!marks.decorated && !marks.charged && !several) return {given, {given}};
  std::optional<Molecule> mol;
  if (marks.decorated) {
    try {
      mol = Molecule::try_parse(undecorated_smiles(given));
    } catch (const std::exception&) {  // nothing is left of it, or no molecule: it stands as it was written
    }
  }
  auto parts = neutral_parts(mol.value_or(given));
  if (parts.empty()) return {given, {given}};
  Molecule whole = joined(main_parts(parts));
  return {std::move(whole), std::move(parts)};
}

Molecule plain(const Molecule& mol) {
  return plain_form(mol).whole;
}

Molecule parse_plain(const std::string& smiles) {
  return plain(Molecule::parse(smiles));
}

std::string substance_key(const Molecule& mol) {
  return plain(mol).flat_smiles();
}

const std::vector<std::string>& left_out_components() {
  static const std::vector<std::string> all = [] {
    auto out = kIons;
    out.insert(out.end(), kSolvents.begin(), kSolvents.end());
    out.insert(out.end(), kAcids.begin(), kAcids.end());
    return out;
  }();
  return all;
}

}  // namespace odordiff::chem
