// What can be bought (data/synthesis/blocks.tsv), with a price class each (price_classes.tsv).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "chem/molecule.h"
#include "synthesis/cost.h"

namespace odordiff::synthesis {

struct BuildingBlock {
  std::string smiles;  // canonical, without stereo
  std::string name;
  std::string feedstock;    // petrochemical, terpene, fatty, sugar, aromatic, specialty
  std::string price_class;  // of price_classes.tsv
  std::string origin;       // what it is made from: the basis of the price class
  Interval usd_per_kg;
};

// Immutable after loading; safe to use from many threads.
class BuildingBlocks {
 public:
  // Reads blocks.tsv and price_classes.tsv of `folder`. Throws Unavailable, naming file and line.
  explicit BuildingBlocks(const std::filesystem::path& folder);
  BuildingBlocks(const BuildingBlocks&) = delete;
  BuildingBlocks& operator=(const BuildingBlocks&) = delete;

  // By canonical SMILES without stereo; null where it is not sold.
  const BuildingBlock* find(std::string_view flat_smiles) const;
  // Whether some block has this chem::skeleton_key: a cheap "perhaps".
  bool may_hold(std::uint64_t skeleton_key) const { return skeletons_.contains(skeleton_key); }
  const std::vector<BuildingBlock>& all() const { return blocks_; }

 private:
  std::vector<BuildingBlock> blocks_;
  std::unordered_map<std::string_view, std::size_t> by_smiles_;  // views into blocks_
  std::unordered_set<std::uint64_t> skeletons_;
};

}  // namespace odordiff::synthesis
