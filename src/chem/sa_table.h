// The flat fragment table behind SaScorer, and its making from rdkit-data's pickle.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace odordiff::chem {

// Fragment ids, ascending, each with an index into the few thousand distinct scores.
//
// File layout, little-endian, in this order:
//   char[8] "ODSAFRG1" | u32 fragments | u32 levels | u32 CRC-32 of all that follows | u32 zero
//   f64 scores[levels] | u32 ids[fragments] | u16 level_of[fragments]
struct SaTable {
  std::vector<double> scores;
  std::vector<std::uint32_t> ids;
  std::vector<std::uint16_t> level_of;

  // Score of a fragment, or `otherwise` when it is not in the table.
  double find(std::uint32_t id, double otherwise) const;

  // Both throw Unavailable naming the file.
  static SaTable load(const std::filesystem::path& file);
  void save(const std::filesystem::path& file) const;

  // Reads the gzipped pickle `[[score, id, id, ...], ...]`. Throws Unavailable when it is missing, truncated,
  // or anything else than that.
  static SaTable from_pickle(const std::filesystem::path& pickle_gz);
};

}  // namespace odordiff::chem
