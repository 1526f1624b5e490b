// Parsing and the canonical forms. RDKit's exceptions end here: callers see InvalidInput or an empty
// optional.
#include "chem/molecule.h"

#include <GraphMol/Chirality.h>
#include <GraphMol/Descriptors/MolDescriptors.h>
#include <GraphMol/MolOps.h>
#include <GraphMol/MolStandardize/Charge.h>
#include <GraphMol/SmilesParse/SmilesParse.h>
#include <GraphMol/SmilesParse/SmilesWrite.h>
#include <GraphMol/Substruct/SubstructMatch.h>
#include <RDGeneral/RDLog.h>

#include <algorithm>
#include <mutex>

#include "base/error.h"
#include "chem/molecule_impl.h"
#include "chem/query_needs.h"

namespace odordiff::chem {
namespace {

constexpr std::size_t kMaxSmilesChars = 2000;
constexpr unsigned kMaxMatches = 100'000;

// RDKit reads from the environment how it perceives stereochemistry, each time that it parses, and writes it
// there when it first does: what the C library moves then another thread may be reading. So it is written
// before there are threads.
[[maybe_unused]] const bool stereo_perception_is_settled = [] {
  RDKit::Chirality::setUseLegacyStereoPerception(RDKit::Chirality::getUseLegacyStereoPerception());
  return true;
}();

Molecule adopt(std::unique_ptr<const RDKit::ROMol> mol, std::string_view text = {}) {
  auto impl = std::make_shared<Molecule::Impl>();
  impl->smiles = RDKit::MolToSmiles(*mol);
  impl->written_canonically = impl->smiles == text;
  mol->getPropIfPresent(RDKit::common_properties::_smilesAtomOutputOrder, impl->order);
  impl->mol = std::move(mol);
  return Molecule(std::move(impl));
}

// The reason why `smiles` is no molecule, or empty when `out` was set.
std::string parse_into(const std::string& smiles, std::optional<Molecule>& out) {
  silence_rdkit();
  const auto is_space = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  const auto first = std::find_if_not(smiles.begin(), smiles.end(), is_space);
  const auto last = std::find_if_not(smiles.rbegin(), std::make_reverse_iterator(first), is_space).base();
  if (first == last) return "SMILES is empty; expected one such as CCO";
  if (last - first > static_cast<std::ptrdiff_t>(kMaxSmilesChars)) {
    return "SMILES has " + std::to_string(last - first) + " characters; at most " +
           std::to_string(kMaxSmilesChars) + " are accepted";
  }
  if (std::any_of(first, last, [](char c) { return c <= ' ' || c >= 0x7f; })) {
    return "SMILES has a space or a character outside ASCII: " + quote_for_message(smiles);
  }
  RDKit::SmilesParserParams params;
  params.allowCXSMILES = false;
  params.parseName = false;
  try {
    std::unique_ptr<RDKit::ROMol> mol(RDKit::SmilesToMol(std::string(first, last), params));
    if (!mol || mol->getNumAtoms() == 0) {
      return "not a SMILES (check brackets, parentheses and ring digits): " + quote_for_message(smiles);
    }
    // RDKit counts valences before it turns aromatic atoms that are in no aromatic ring back into plain ones,
    // and lets a nitrogen of four bonds through there (Cn1=CC1).
    mol->updatePropertyCache(true);
    out = adopt(std::move(mol),
                std::string_view(smiles).substr(static_cast<std::size_t>(first - smiles.begin()),
                                                static_cast<std::size_t>(last - first)));
    return {};
  } catch (const std::exception& e) {
    return "no such molecule, " + quote_for_message(smiles) + ": " + first_line(e);
  }
}

int count_heavy(const RDKit::ROMol& mol) {
  int heavy = 0;
  for (const auto* atom : mol.atoms()) heavy += atom->getAtomicNum() != 1;
  return heavy;
}

}  // namespace

const RDKit::ROMol& canonical_mol(const Molecule& molecule) {
  const Molecule::Impl& impl = molecule.impl();
  if (impl.written_canonically) return *impl.mol;
  std::call_once(impl.reordered, [&impl] {
    try {
      RDKit::SmilesParserParams params;
      params.allowCXSMILES = false;
      params.parseName = false;
      std::unique_ptr<RDKit::ROMol> again(RDKit::SmilesToMol(impl.smiles, params));
      if (!again || again->getNumAtoms() != impl.mol->getNumAtoms() ||
          impl.order.size() != again->getNumAtoms())
        return;
      impl.canonical = std::move(again);
    } catch (const std::exception&) {  // it stays as it was written
    }
  });
  return impl.canonical ? *impl.canonical : *impl.mol;
}

int from_canonical(const Molecule& molecule, std::size_t canonical_atom) {
  const Molecule::Impl& impl = molecule.impl();
  if (!impl.canonical) return static_cast<int>(canonical_atom);
  return static_cast<int>(impl.order[canonical_atom]);
}

void silence_rdkit() {
  static std::once_flag once;
  std::call_once(once, [] { boost::logging::disable_logs("rdApp.*"); });
}

std::string one_line(const std::string& title) {
  constexpr std::size_t kMostBytes = 80;
  std::string out = title.substr(0, kMostBytes);
  std::replace_if(
      out.begin(), out.end(), [](unsigned char c) { return c < 0x20; }, ' ');
  return out;
}

std::string first_line(const std::exception& error) {
  const std::string text = error.what();
  const auto begin = text.find_first_not_of(" \r\n\t");
  if (begin == std::string::npos) return "unknown reason";
  return text.substr(begin, text.find_first_of("\r\n", begin) - begin);
}

Molecule Molecule::parse(const std::string& smiles) {
  std::optional<Molecule> out;
  const std::string reason = parse_into(smiles, out);
  if (!out) throw InvalidInput(reason);
  return *std::move(out);
}

std::optional<Molecule> Molecule::try_parse(const std::string& smiles) {
  std::optional<Molecule> out;
  parse_into(smiles, out);
  return out;
}

const std::string& Molecule::smiles() const {
  return impl_->smiles;
}

std::string Molecule::flat_smiles() const {
  // Without these marks the canonical form is flat already (isotopes stay).
  if (impl_->smiles.find_first_of("@/\\") == std::string::npos) return impl_->smiles;
  RDKit::RWMol copy = editable_copy(*this);
  RDKit::MolOps::removeStereochemistry(copy);
  return RDKit::MolToSmiles(copy);
}

Molecule Molecule::neutral_largest_fragment() const {
  const bool one_fragment = impl_->smiles.find('.') == std::string::npos;
  bool charged = false;
  for (const auto* atom : impl_->mol->atoms()) charged = charged || atom->getFormalCharge() != 0;
  if (one_fragment && !charged) return *this;
  try {
    boost::shared_ptr<RDKit::ROMol> best;
    int best_heavy = -1;
    std::string best_smiles;
    for (const auto& fragment : RDKit::MolOps::getMolFrags(*impl_->mol)) {
      const int heavy = count_heavy(*fragment);
      if (heavy < best_heavy) continue;
      std::string text = RDKit::MolToSmiles(*fragment);
      if (heavy == best_heavy && text >= best_smiles) continue;
      best = fragment;
      best_heavy = heavy;
      best_smiles = std::move(text);
    }
    const std::unique_ptr<RDKit::ROMol> neutral(RDKit::MolStandardize::Uncharger().uncharge(*best));
    // Written and read again, since moving protons may change what is aromatic or stereogenic.
    std::unique_ptr<RDKit::ROMol> clean(RDKit::SmilesToMol(RDKit::MolToSmiles(*neutral)));
    return adopt(clean ? std::move(clean) : std::make_unique<RDKit::ROMol>(*best));
  } catch (const std::exception& e) {
    throw InvalidInput("cannot neutralise " + quote_for_message(smiles()) + ": " + first_line(e));
  }
}

std::string Molecule::formula() const {
  std::call_once(impl_->counted,
                 [this] { impl_->formula = RDKit::Descriptors::calcMolFormula(editable_copy(*this)); });
  return impl_->formula;
}

int Molecule::heavy_atoms() const {
  return count_heavy(*impl_->mol);
}

int Molecule::formal_charge() const {
  return RDKit::MolOps::getFormalCharge(*impl_->mol);
}

std::vector<int> Molecule::atomic_numbers() const {
  std::vector<int> out;
  for (const auto* atom : impl_->mol->atoms()) {
    if (atom->getAtomicNum() != 1) out.push_back(atom->getAtomicNum());
  }
  return out;
}

std::vector<std::vector<int>> Molecule::match(const std::string& smarts) const {
  return Pattern(smarts).match(*this);
}

struct Pattern::Impl {
  std::unique_ptr<const RDKit::ROMol> query;
  FeatureCounts needs;
};

Pattern::Pattern(const std::string& smarts) {
  silence_rdkit();
  RDKit::SmartsParserParams params;
  params.allowCXSMILES = false;
  params.parseName = false;
  params.mergeHs = false;
  std::string reason;
  std::unique_ptr<RDKit::ROMol> query;
  try {
    query.reset(RDKit::SmartsToMol(smarts, params));
  } catch (const std::exception& e) {
    reason = ": " + first_line(e);
  }
  if (!query || query->getNumAtoms() == 0) {
    throw InvalidInput("not a SMARTS pattern, " + quote_for_message(smarts) + reason);
  }
  const FeatureCounts needs = needs_of(*query);
  impl_ = std::make_shared<const Impl>(Impl{std::move(query), needs});
}

std::vector<std::vector<int>> Pattern::match(const Molecule& mol) const {
  std::vector<std::vector<int>> out;
  if (!features_of(canonical_mol(mol)).cover(impl_->needs)) return out;
  RDKit::SubstructMatchParameters params;
  params.maxMatches = kMaxMatches;
  for (const auto& pairs : RDKit::SubstructMatch(canonical_mol(mol), *impl_->query, params)) {
    std::vector<int> atoms;
    for (const auto& [query_atom, atom] : pairs)
      atoms.push_back(from_canonical(mol, static_cast<std::size_t>(atom)));
    out.push_back(std::move(atoms));
  }
  return out;
}

bool Pattern::matches(const Molecule& mol) const {
  if (!features_of(canonical_mol(mol)).cover(impl_->needs)) return false;
  RDKit::SubstructMatchParameters params;
  params.maxMatches = 1;
  return !RDKit::SubstructMatch(canonical_mol(mol), *impl_->query, params).empty();
}

}  // namespace odordiff::chem
