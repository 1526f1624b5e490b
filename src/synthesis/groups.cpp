#include "synthesis/groups.h"

#include <algorithm>

#include "base/error.h"
#include "base/table_file.h"

namespace odordiff::synthesis {

GroupTable::GroupTable(const std::filesystem::path& file) {
  for (const auto& row : read_table(file, 2, EmptyFields::Refused)) {
    auto group = find(row.fields[0]);
    if (!group) {
      group = names_.size();
      names_.push_back(row.fields[0]);
      patterns_.emplace_back();
    }
    try {
      patterns_[*group].emplace_back(row.fields[1]);
    } catch (const InvalidInput& error) {
      table_error(row, error.what());
    }
  }
}

std::optional<std::size_t> GroupTable::find(std::string_view name) const {
  const auto it = std::find(names_.begin(), names_.end(), name);
  if (it == names_.end()) return std::nullopt;
  return static_cast<std::size_t>(it - names_.begin());
}

GroupCounts GroupTable::count(const chem::Molecule& mol) const {
  GroupCounts out(names_.size());
  for (std::size_t group = 0; group < names_.size(); ++group) {
    std::size_t matches = 0;
    for (const auto& pattern : patterns_[group]) matches += pattern.match(mol).size();
    out[group] = static_cast<std::uint8_t>(std::min<std::size_t>(matches, 255));
  }
  return out;
}

bool GroupTable::has(const chem::Molecule& mol, std::size_t group) const {
  return std::any_of(patterns_[group].begin(), patterns_[group].end(),
                     [&](const chem::Pattern& pattern) { return pattern.matches(mol); });
}

}  // namespace odordiff::synthesis
