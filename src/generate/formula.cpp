#include "generate/formula.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace odordiff::generate {
namespace {

// Gives `amount` to the items of one note; returns what they could not take.
double fill(const std::vector<FormulaItem>& items, std::vector<std::size_t> open, double amount,
            std::vector<double>& parts) {
  while (!open.empty()) {
    double wishes = 0;
    for (const std::size_t i : open) wishes += items[i].wish;
    // Items whose limit is below their amount take the limit; the others share the rest anew.
    std::vector<std::size_t> still_open;
    double taken = 0;
    for (const std::size_t i : open) {
      if (items[i].wish / wishes * amount >= items[i].most_parts) {
        parts[i] = items[i].most_parts;
        taken += parts[i];
      } else {
        still_open.push_back(i);
      }
    }
    if (still_open.size() == open.size()) {
      for (const std::size_t i : open) parts[i] = items[i].wish / wishes * amount;
      return 0;
    }
    amount = std::max(0.0, amount - taken);
    open = std::move(still_open);
  }
  return amount;
}

}  // namespace

Formula share_out(const std::vector<FormulaItem>& items, const std::array<double, kNotes>& shares) {
  if (items.empty()) throw InvalidInput("a formula needs at least one ingredient");
  std::array<std::vector<std::size_t>, kNotes> of_note;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!(items[i].wish > 0) || !std::isfinite(items[i].wish))
      throw InvalidInput("amounts wished for must be above 0");
    if (!(items[i].most_parts >= 0)) throw InvalidInput("an ingredient's limit must be 0 or more");
    of_note.at(items[i].note).push_back(i);
  }
  double total = 0;
  for (std::size_t n = 0; n < kNotes; ++n) {
    if (!(shares[n] >= 0) || !std::isfinite(shares[n]))
      throw InvalidInput("shares of the notes must be 0 or more");
    if (!of_note[n].empty()) total += shares[n];
  }
  if (!(total > 0)) throw InvalidInput("the notes that have ingredients must have a share above 0");
  Formula out;
  out.parts.assign(items.size(), 0.0);
  for (std::size_t n = 0; n < kNotes; ++n) {
    if (of_note[n].empty()) continue;
    out.wanted[n] = kWhole * shares[n] / total;
    const double left = fill(items, of_note[n], out.wanted[n], out.parts);
    out.given[n] = out.wanted[n] - left;
    out.solvent_parts += left;
  }
  return out;
}

}  // namespace odordiff::generate
