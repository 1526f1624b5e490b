// Parts per thousand add up and respect limits, whatever is asked.
#include "generate/formula.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "base/rng.h"

namespace odordiff::generate {
namespace {

double sum(const Formula& formula) {
  double out = formula.solvent_parts;
  for (const double p : formula.parts) out += p;
  return out;
}

TEST(Formula, NotesGetTheirSharesAndItemsTheirWishes) {
  const auto f = share_out({{0, 1, 1000}, {1, 1, 1000}, {2, 1, 1000}, {2, 3, 1000}}, {25, 20, 55});
  EXPECT_NEAR(f.parts[0], 250, 1e-9);
  EXPECT_NEAR(f.parts[1], 200, 1e-9);
  EXPECT_NEAR(f.parts[2], 550 / 4.0, 1e-9);
  EXPECT_NEAR(f.parts[3], 550 * 3 / 4.0, 1e-9);
  EXPECT_EQ(f.solvent_parts, 0);
}

TEST(Formula, WhatOneMayNotTakeGoesToTheOthersOfItsNote) {
  const auto f = share_out({{0, 9, 50}, {0, 1, 1000}, {2, 1, 1000}}, {50, 0, 50});
  EXPECT_NEAR(f.parts[0], 50, 1e-9);
  EXPECT_NEAR(f.parts[1], 450, 1e-9);
  EXPECT_NEAR(f.parts[2], 500, 1e-9);
}

TEST(Formula, WhatNobodyMayTakeBecomesSolvent) {
  const auto f = share_out({{0, 1, 10}, {2, 1, 100}}, {50, 0, 50});
  EXPECT_NEAR(f.parts[0], 10, 1e-9);
  EXPECT_NEAR(f.solvent_parts, 890, 1e-9);
  EXPECT_NEAR(f.given[2], 100, 1e-9);
  EXPECT_NEAR(f.wanted[2], 500, 1e-9);
}

TEST(Formula, ANoteWithoutItemsLeavesItsShareToTheOthers) {
  const auto f = share_out({{1, 1, 1000}}, {25, 20, 55});
  EXPECT_NEAR(f.parts[0], 1000, 1e-9);
}

TEST(Formula, AlwaysSumsToAThousandWithinLimits) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Rng rng(seed, 0);
    std::vector<FormulaItem> items;
    const auto count = 1 + rng.below(12);
    for (std::uint32_t i = 0; i < count; ++i) {
      items.push_back({rng.below(3), 1e-3 + static_cast<double>(rng.uniform()) * 10,
                       static_cast<double>(rng.uniform()) * 400});
    }
    const auto f = share_out(items, {25, 20, 55});
    EXPECT_NEAR(sum(f), 1000, 1e-6) << seed;
    for (std::size_t i = 0; i < items.size(); ++i) {
      EXPECT_GE(f.parts[i], 0) << seed;
      EXPECT_LE(f.parts[i], items[i].most_parts + 1e-9) << seed;
    }
    EXPECT_GE(f.solvent_parts, -1e-9) << seed;
  }
}

TEST(Formula, RefusesWhatIsNoAmount) {
  EXPECT_THROW(share_out({}, {25, 20, 55}), InvalidInput);
  EXPECT_THROW(share_out({{0, 0, 1000}}, {25, 20, 55}), InvalidInput);
  EXPECT_THROW(share_out({{0, NAN, 1000}}, {25, 20, 55}), InvalidInput);
  EXPECT_THROW(share_out({{0, 1, -1}}, {25, 20, 55}), InvalidInput);
  EXPECT_THROW(share_out({{0, 1, 1000}}, {0, 20, 55}), InvalidInput);
  EXPECT_THROW(share_out({{0, 1, 1000}}, {-1, 20, 55}), InvalidInput);
}

}  // namespace
}  // namespace odordiff::generate
