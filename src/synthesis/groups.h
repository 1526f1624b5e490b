// Functional groups by name (data/synthesis/groups.tsv), and how often each stands in a molecule.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chem/molecule.h"

namespace odordiff::synthesis {

// How often each group of a GroupTable stands in one molecule.
using GroupCounts = std::vector<std::uint8_t>;

// Immutable after loading; safe to use from many threads.
class GroupTable {
 public:
  // Throws Unavailable, naming file and line.
  explicit GroupTable(const std::filesystem::path& file);

  std::size_t size() const { return names_.size(); }
  std::optional<std::size_t> find(std::string_view name) const;
  const std::string& name(std::size_t group) const { return names_[group]; }

  GroupCounts count(const chem::Molecule& mol) const;
  // Whether `mol` has the group at all.
  bool has(const chem::Molecule& mol, std::size_t group) const;

 private:
  std::vector<std::string> names_;
  std::vector<std::vector<chem::Pattern>> patterns_;  // of each group
};

}  // namespace odordiff::synthesis
