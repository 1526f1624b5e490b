// Which molecules are kept aside for validation. One rule for the whole project, on the SMILES as the data
// files write it, so that a molecule and every text, label and measurement of it fall on the same side in
// every program.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/rng.h"

namespace odordiff {

inline constexpr std::uint64_t kValidationPercent = 5;

// Evenly spread; for splits of the training part use a digit that is_validation does not.
inline std::uint64_t split_hash(std::string_view smiles) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;  // FNV-1a
  for (const char c : smiles) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3ULL;
  }
  return mix64(hash);
}

inline bool is_validation(std::string_view smiles) {
  return split_hash(smiles) % 100 < kValidationPercent;
}

}  // namespace odordiff
