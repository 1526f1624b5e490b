// Parts per thousand of a perfume: shares of the notes, within the limit of each ingredient. Pure arithmetic.
#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

namespace odordiff::generate {

inline constexpr std::size_t kNotes = 3;  // top, heart, base
inline constexpr double kWhole = 1000;    // parts

struct FormulaItem {
  std::size_t note = 0;        // 0 top, 1 heart, 2 base
  double wish = 0;             // relative amount within its note, above 0
  double most_parts = kWhole;  // limit in the formula
};

struct Formula {
  std::vector<double> parts;  // [items]
  double solvent_parts = 0;   // what the limits leave over
  // Parts that each note was meant to have, and has.
  std::array<double, kNotes> wanted{}, given{};
};

// Shares out 1,000 parts: each note gets its share, within a note items get amounts in the ratio of their
// wishes, and what an item may not take goes to the others of its note, in the same ratio. What no item of
// the note may take becomes solvent. parts + solvent_parts sum to 1,000. A note without items gives its share
// to the others, in their ratio. Throws InvalidInput when there is no item, or when shares, wishes or limits
// are negative, not numbers, or all shares are 0.
Formula share_out(const std::vector<FormulaItem>& items, const std::array<double, kNotes>& shares);

}  // namespace odordiff::generate
