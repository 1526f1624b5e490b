#include "synthesis/expansion.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/table_file.h"
#include "chem/reaction.h"

namespace odordiff::synthesis {
namespace {

constexpr std::size_t kMaxOutcomes = 32;  // of one template
// A precursor that must be made itself may exceed its product by a leaving group, not more.
constexpr int kMaxGrowth = 4;

std::size_t unstable_group(const GroupTable& groups, const std::filesystem::path& file) {
  const auto group = groups.find("unstable");
  if (!group) throw Unavailable(file.string() + ": the group \"unstable\" is missing");
  return *group;
}

std::vector<std::pair<chem::Pattern, std::string>> read_refused(const std::filesystem::path& file) {
  std::vector<std::pair<chem::Pattern, std::string>> out;
  for (const auto& row : read_table(file, 2, EmptyFields::Refused)) {
    try {
      out.emplace_back(chem::Pattern(row.fields[0]), row.fields[1]);
    } catch (const InvalidInput& error) {
      table_error(row, error.what());
    }
  }
  return out;
}

}  // namespace

Expander::Expander(const std::filesystem::path& folder)
    : groups_(folder / "groups.tsv"),
      blocks_(folder),
      reactions_(folder, groups_),
      unstable_(unstable_group(groups_, folder / "groups.tsv")),
      radical_or_isotope_(
          "[$([#6;v0,v1,v2,v3;+0]),$([#7;v0,v1,v2;+0]),$([#8;v0,v1;+0]),$([#16;v0,v1;+0]),!0*]"),
      refused_(read_refused(folder / "refused.tsv")) {}

bool Expander::outside_scope(const chem::Molecule& mol) const {
  return radical_or_isotope_.matches(mol);
}

std::string Expander::refusal(const chem::Molecule& mol) const {
  for (const auto& [pattern, reason] : refused_) {
    if (pattern.matches(mol)) return reason;
  }
  return {};
}

bool Expander::acceptable(const chem::Molecule& product, const Template& by,
                          const std::vector<chem::Molecule>& outcome, std::vector<Precursor>& out) const {
  for (const auto& mol : outcome) {
    Precursor precursor{mol.smiles(), blocks_.find(mol.smiles()), std::nullopt};
    if (precursor.smiles == product.smiles()) return false;
    if (precursor.block != nullptr) {
      if (!by.tolerates(groups_.count(mol))) return false;
    } else {
      if (mol.heavy_atoms() > product.heavy_atoms() + kMaxGrowth || groups_.has(mol, unstable_) ||
          !by.tolerates(groups_.count(mol)) || !refusal(mol).empty()) {
        return false;
      }
      precursor.molecule = mol;
    }
    out.push_back(std::move(precursor));
  }
  return true;
}

std::vector<Disconnection> Expander::expand(const chem::Molecule& product, bool blocks_only) const {
  chem::Reaction::KeyFilter keep;
  if (blocks_only) keep = [&](std::uint64_t key) { return blocks_.may_hold(key); };
  std::vector<Disconnection> out;
  std::set<std::vector<std::string>> seen;
  for (const auto& by : reactions_.templates()) {
    for (const auto& outcome : by.retro.run(product, kMaxOutcomes, keep)) {
      if (blocks_only && !std::all_of(outcome.begin(), outcome.end(), [&](const chem::Molecule& mol) {
            return blocks_.find(mol.smiles()) != nullptr;
          })) {
        continue;
      }
      Disconnection step{&by, {}};
      if (!acceptable(product, by, outcome, step.precursors)) continue;
      std::vector<std::string> key;
      for (const auto& precursor : step.precursors) key.push_back(precursor.smiles);
      std::sort(key.begin(), key.end());
      if (seen.insert(std::move(key)).second) out.push_back(std::move(step));
    }
  }
  return out;
}

}  // namespace odordiff::synthesis
