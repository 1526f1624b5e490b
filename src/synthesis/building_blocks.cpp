#include "synthesis/building_blocks.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/error.h"
#include "base/table_file.h"
#include "chem/reaction.h"

namespace odordiff::synthesis {
namespace {

constexpr std::array<std::string_view, 6> kFeedstocks = {"petrochemical", "terpene",  "fatty",
                                                         "sugar",         "aromatic", "specialty"};

std::map<std::string, Interval> read_prices(const std::filesystem::path& file) {
  std::map<std::string, Interval> out;
  for (const auto& row : read_table(file, 4, EmptyFields::Refused)) {
    const double low = parse_number(row, row.fields[1], 0.01, 1e5, "the low price");
    const double high = parse_number(row, row.fields[2], low, 1e6, "the high price");
    if (!out.emplace(row.fields[0], Interval{low, high}).second) {
      table_error(row, "the price class " + quote_for_message(row.fields[0]) + " stands here twice");
    }
  }
  return out;
}

}  // namespace

BuildingBlocks::BuildingBlocks(const std::filesystem::path& folder) {
  const auto file = folder / "blocks.tsv";
  const auto prices = read_prices(folder / "price_classes.tsv");
  const auto rows = read_table(file, 5, EmptyFields::Refused);
  blocks_.reserve(rows.size());  // by_smiles_ points into it
  for (const auto& row : rows) {
    const auto& f = row.fields;
    const auto mol = chem::Molecule::try_parse(f[0]);
    if (!mol) table_error(row, "not a SMILES: " + quote_for_message(f[0]));
    if (std::find(kFeedstocks.begin(), kFeedstocks.end(), f[2]) == kFeedstocks.end()) {
      table_error(row, "no such feedstock: " + quote_for_message(f[2]));
    }
    const auto price = prices.find(f[3]);
    if (price == prices.end()) {
      table_error(row, "no such price class in price_classes.tsv: " + quote_for_message(f[3]));
    }
    blocks_.push_back({mol->flat_smiles(), f[1], f[2], f[3], f[4], price->second});
    if (!by_smiles_.emplace(blocks_.back().smiles, blocks_.size() - 1).second) {
      table_error(row, "the block " + blocks_.back().smiles + " stands here twice");
    }
    skeletons_.insert(chem::skeleton_key(*mol));
  }
}

const BuildingBlock* BuildingBlocks::find(std::string_view flat_smiles) const {
  const auto it = by_smiles_.find(flat_smiles);
  return it == by_smiles_.end() ? nullptr : &blocks_[it->second];
}

}  // namespace odordiff::synthesis
