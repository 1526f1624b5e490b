#include "chem/reaction.h"

#include <GraphMol/ChemReactions/Reaction.h>
#include <GraphMol/ChemReactions/ReactionParser.h>
#include <GraphMol/GraphMol.h>
#include <GraphMol/MolOps.h>
#include <GraphMol/SmilesParse/SmilesWrite.h>
#include <GraphMol/Substruct/SubstructMatch.h>

#include <algorithm>
#include <optional>
#include <set>

#include "base/error.h"
#include "chem/molecule_impl.h"
#include "chem/query_needs.h"

namespace odordiff::chem {
namespace {

// RDKit lists the same outcome once for each symmetric match, so more are asked for than are kept.
constexpr unsigned kMaxRawOutcomes = 256;

std::uint64_t mix(std::uint64_t x) {
  x ^= x >> 31U;
  x *= 0x9e3779b97f4a7c15ULL;
  return x ^ (x >> 29U);
}

// Neighbourhood refinement (Weisfeiler & Leman 1968), summed over the atoms. `label` gives an atom's first
// label, `link` a bond's.
template <class Label, class Link>
std::uint64_t refined_key(const RDKit::ROMol& mol, int rounds, const Label& label_of, const Link& link_of) {
  std::vector<std::uint64_t> label(mol.getNumAtoms()), next(label.size());
  for (const auto* atom : mol.atoms()) label[atom->getIdx()] = mix(label_of(*atom) + 0x51ULL);
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < label.size(); ++i) next[i] = mix(label[i] + 0x1003fULL);
    for (const auto* bond : mol.bonds()) {
      const std::uint64_t link = 0xabcdefULL + link_of(*bond);
      next[bond->getBeginAtomIdx()] += mix(label[bond->getEndAtomIdx()] ^ link);
      next[bond->getEndAtomIdx()] += mix(label[bond->getBeginAtomIdx()] ^ link);
    }
    label.swap(next);
  }
  std::uint64_t sum = label.size();
  for (const std::uint64_t value : label) sum += mix(value);
  return sum;
}

std::uint64_t skeleton_key_of(const RDKit::ROMol& mol) {
  return refined_key(
      mol, 3, [](const RDKit::Atom& atom) { return static_cast<std::uint64_t>(atom.getAtomicNum()); },
      [](const RDKit::Bond&) { return std::uint64_t{0}; });
}

// Equal for what symmetric matches of a template give of one molecule, before anything is sanitised:
// elements, charges, stereo marks, bond types, and neighbourhoods as far as a molecule of our size reaches.
std::uint64_t written_key_of(const RDKit::ROMol& mol) {
  return refined_key(
      mol, 12,
      [](const RDKit::Atom& atom) {
        return static_cast<std::uint64_t>(atom.getAtomicNum()) |
               static_cast<std::uint64_t>(atom.getIsAromatic()) << 8U |
               static_cast<std::uint64_t>(atom.getFormalCharge() + 8) << 9U |
               static_cast<std::uint64_t>(atom.getChiralTag()) << 16U |
               static_cast<std::uint64_t>(atom.getNumExplicitHs()) << 20U |
               static_cast<std::uint64_t>(atom.getIsotope()) << 28U;
      },
      [](const RDKit::Bond& bond) {
        return static_cast<std::uint64_t>(bond.getBondType()) << 24U |
               static_cast<std::uint64_t>(bond.getStereo()) << 32U |
               static_cast<std::uint64_t>(bond.getBondDir()) << 40U;
      });
}

Molecule adopt(std::unique_ptr<RDKit::RWMol> mol) {
  auto impl = std::make_shared<Molecule::Impl>();
  impl->smiles = RDKit::MolToSmiles(*mol);
  impl->mol = std::move(mol);
  return Molecule(std::move(impl));
}

bool has_stereo(const RDKit::ROMol& mol) {
  for (const auto* atom : mol.atoms()) {
    if (atom->getChiralTag() != RDKit::Atom::CHI_UNSPECIFIED) return true;
  }
  for (const auto* bond : mol.bonds()) {
    if (bond->getStereo() != RDKit::Bond::STEREONONE || bond->getBondDir() != RDKit::Bond::NONE) return true;
  }
  return false;
}

// `raw` as a sanitised molecule without the properties that a reaction leaves behind; empty when it is none.
std::optional<Molecule> finish(const RDKit::ROMol& raw) {
  auto mol = std::make_unique<RDKit::RWMol>(raw);
  mol->clearComputedProps();
  for (auto* atom : mol->atoms()) {
    for (const auto& name : atom->getPropList(true, true)) atom->clearProp(name);
    atom->setAtomMapNum(0);
  }
  try {
    RDKit::MolOps::sanitizeMol(*mol);
    for (const auto* atom : mol->atoms()) {
      if (atom->getNumRadicalElectrons() > 0) return std::nullopt;
    }
    if (has_stereo(*mol)) RDKit::MolOps::assignStereochemistry(*mol, true, true);
    return adopt(std::move(mol));
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

int atoms_of(const RDKit::MOL_SPTR_VECT& templates) {
  int count = 0;
  for (const auto& mol : templates) count += static_cast<int>(mol->getNumAtoms());
  return count;
}

std::set<int> mapped_atoms(const RDKit::MOL_SPTR_VECT& templates) {
  std::set<int> out;
  for (const auto& mol : templates) {
    for (const auto* atom : mol->atoms()) {
      if (atom->getAtomMapNum() > 0) out.insert(atom->getAtomMapNum());
    }
  }
  return out;
}

}  // namespace

struct Reaction::Impl {
  std::unique_ptr<const RDKit::ChemicalReaction> reaction;
  int gained_atoms = 0;              // right side less left side
  std::vector<FeatureCounts> needs;  // of each molecule of the left side
};

Reaction::Reaction(const std::string& smarts, std::size_t inputs) {
  silence_rdkit();
  std::unique_ptr<RDKit::ChemicalReaction> reaction;
  std::string reason;
  try {
    reaction.reset(RDKit::RxnSmartsToChemicalReaction(smarts));
    unsigned warnings = 0;
    unsigned errors = 0;
    if (reaction && (!reaction->validate(warnings, errors, true) ||
                     mapped_atoms(reaction->getReactants()) != mapped_atoms(reaction->getProducts()))) {
      reason = ": a mapped atom stands on one side only, or twice";
      reaction.reset();
    }
    if (reaction) reaction->initReactantMatchers();
  } catch (const std::exception& e) {
    reason = ": " + first_line(e);
    reaction.reset();
  }
  if (!reaction || reaction->getNumProductTemplates() == 0) {
    throw InvalidInput("not a reaction SMARTS, " + quote_for_message(smarts) + reason);
  }
  if (reaction->getNumReactantTemplates() != inputs) {
    throw InvalidInput("the left side of " + quote_for_message(smarts) + " has " +
                       std::to_string(reaction->getNumReactantTemplates()) + " molecules, expected " +
                       std::to_string(inputs));
  }
  const int gained = atoms_of(reaction->getProducts()) - atoms_of(reaction->getReactants());
  std::vector<FeatureCounts> needs;
  for (const auto& side : reaction->getReactants()) needs.push_back(needs_of(*side));
  impl_ = std::make_shared<const Impl>(Impl{std::move(reaction), gained, std::move(needs)});
}

std::size_t Reaction::outputs() const {
  return impl_->reaction->getNumProductTemplates();
}

bool Reaction::applies(const Molecule& input, std::size_t place) const {
  if (!features_of(rdkit_mol(input)).cover(impl_->needs.at(place))) return false;
  RDKit::SubstructMatchParameters params;
  params.maxMatches = 1;
  return !RDKit::SubstructMatch(rdkit_mol(input), *impl_->reaction->getReactants().at(place), params).empty();
}

std::vector<Reaction::Outcome> Reaction::run(const Molecule& input, std::size_t max_outcomes,
                                             const KeyFilter& keep) const {
  return run(std::vector<Molecule>{input}, max_outcomes, keep);
}

std::vector<Reaction::Outcome> Reaction::run(const std::vector<Molecule>& inputs, std::size_t max_outcomes,
                                             const KeyFilter& keep) const {
  RDKit::MOL_SPTR_VECT copies;  // RDKit marks atoms of what it reacts
  int input_atoms = 0;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!applies(inputs[i], i)) return {};
    input_atoms += static_cast<int>(rdkit_mol(inputs[i]).getNumAtoms());
  }
  for (const auto& input : inputs) copies.emplace_back(new RDKit::ROMol(rdkit_mol(input)));
  std::vector<RDKit::MOL_SPTR_VECT> raw;
  try {
    raw = impl_->reaction->runReactants(copies, kMaxRawOutcomes);
  } catch (const std::exception&) {
    return {};
  }
  std::vector<Outcome> out;
  std::set<std::vector<std::uint64_t>> met;
  std::set<std::vector<std::string>> seen;
  for (const auto& products : raw) {
    if (out.size() >= max_outcomes) break;
    if (atoms_of(products) != input_atoms + impl_->gained_atoms) continue;
    if (keep && !std::all_of(products.begin(), products.end(),
                             [&](const auto& product) { return keep(skeleton_key_of(*product)); })) {
      continue;
    }
    std::vector<std::uint64_t> written;
    for (const auto& product : products) written.push_back(written_key_of(*product));
    if (!met.insert(std::move(written)).second) continue;
    Outcome outcome;
    std::vector<std::string> key;
    for (const auto& product : products) {
      auto molecule = finish(*product);
      if (!molecule) break;
      key.push_back(molecule->smiles());
      outcome.push_back(*std::move(molecule));
    }
    if (outcome.size() != products.size()) continue;
    std::sort(key.begin(), key.end());
    if (seen.insert(std::move(key)).second) out.push_back(std::move(outcome));
  }
  return out;
}

std::uint64_t skeleton_key(const Molecule& mol) {
  return skeleton_key_of(rdkit_mol(mol));
}

}  // namespace odordiff::chem
