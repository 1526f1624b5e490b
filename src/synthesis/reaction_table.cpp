#include "synthesis/reaction_table.h"

#include <algorithm>

#include "base/error.h"
#include "base/table_file.h"

namespace odordiff::synthesis {
namespace {

std::vector<Conditions> read_conditions(const std::filesystem::path& file) {
  std::vector<Conditions> out;
  for (const auto& row : read_table(file, 4, EmptyFields::Refused)) {
    const double low = parse_number(row, row.fields[1], 0, 1e4, "the low cost");
    const double high = parse_number(row, row.fields[2], low, 1e5, "the high cost");
    out.push_back({row.fields[0], row.fields[3], {low, high}});
  }
  return out;
}

// "ketone" (none) or "ketone:1" (one at most).
GroupLimit parse_limit(const TableRow& row, const std::string& word, const GroupTable& groups) {
  const std::size_t colon = word.find(':');
  const std::string name = word.substr(0, colon);
  const auto group = groups.find(name);
  if (!group) table_error(row, "no such group in groups.tsv: " + quote_for_message(name));
  GroupLimit limit{*group, 0};
  if (colon != std::string::npos) {
    limit.at_most = static_cast<std::uint8_t>(
        parse_number(row, std::string_view(word).substr(colon + 1), 0, 100, "the limit of " + name));
  }
  return limit;
}

Interval parse_yield(const TableRow& row, const std::string& text) {
  const auto parts = split(text, "-");
  if (parts.size() != 2) {
    table_error(row, "the yield is " + quote_for_message(text) + "; expected low-high, such as 0.60-0.85");
  }
  const double low = parse_number(row, parts[0], 0.01, 1, "the low yield");
  return {low, parse_number(row, parts[1], low, 1, "the high yield")};
}

}  // namespace

bool Template::tolerates(const GroupCounts& counts) const {
  return std::all_of(limits.begin(), limits.end(),
                     [&](const GroupLimit& limit) { return counts[limit.group] <= limit.at_most; });
}

ReactionTable::ReactionTable(const std::filesystem::path& folder, const GroupTable& groups)
    : conditions_(read_conditions(folder / "conditions.tsv")) {
  const auto file = folder / "reactions.tsv";
  for (const auto& row : read_table(file, 9, EmptyFields::Refused)) {
    const auto& f = row.fields;
    const auto conditions = std::find_if(conditions_.begin(), conditions_.end(),
                                         [&](const Conditions& c) { return c.name == f[3]; });
    if (conditions == conditions_.end()) {
      table_error(row, "no such conditions in conditions.tsv: " + quote_for_message(f[3]));
    }
    if (std::any_of(templates_.begin(), templates_.end(),
                    [&](const Template& t) { return t.name == f[0]; })) {
      table_error(row, "the name " + quote_for_message(f[0]) + " stands here twice");
    }
    std::vector<GroupLimit> limits;
    for (const auto& word : words_of(f[5])) limits.push_back(parse_limit(row, word, groups));
    const auto example = split(f[7], ">>");
    if (example.size() != 2) {
      table_error(row, "the example is " + quote_for_message(f[7]) + "; expected PRODUCT>>REACTANTS");
    }
    try {
      chem::Reaction retro(f[2]);
      const std::size_t reactants = retro.outputs();
      templates_.push_back({f[0], f[1], std::move(retro), reactants,
                            static_cast<std::size_t>(conditions - conditions_.begin()),
                            parse_yield(row, f[4]), std::move(limits), f[6], example[0],
                            split(example[1], "."), f[8]});
    } catch (const InvalidInput& error) {
      table_error(row, error.what());
    }
  }
}

}  // namespace odordiff::synthesis
