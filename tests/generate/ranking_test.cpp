// Scores and orders: what a perfumer would call a better answer must come first.
#include "generate/ranking.h"

#include <gtest/gtest.h>

#include <cmath>

#include "chem/molecule.h"
#include "generate/evaluate.h"

namespace odordiff::generate {
namespace {

TEST(MatchScore, RewardsWantedAndPunishesUnwantedDescriptors) {
  std::vector<float> rates(scent::kDescriptors, 0.1F);
  scent::DescriptorVector weights{}, rosy{}, plain{};
  weights[3] = 1;
  weights[7] = -1;
  rosy.fill(0.1F);
  plain.fill(0.1F);
  rosy[3] = 0.9F;
  const double good = match_score(weights, rosy, rates);
  EXPECT_GT(good, match_score(weights, plain, rates));
  rosy[7] = 0.9F;
  EXPECT_LT(match_score(weights, rosy, rates), good);
}

TEST(MatchScore, IsAHalfWhereTheMoleculeIsLikeAnyOtherAndZeroForNoWish) {
  std::vector<float> rates(scent::kDescriptors, 0.2F);
  scent::DescriptorVector weights{}, average{};
  average.fill(0.2F);
  EXPECT_EQ(match_score(weights, average, rates), 0);
  weights[5] = 0.7F;
  EXPECT_NEAR(match_score(weights, average, rates), 0.5, 1e-6);
}

TEST(MatchScore, SoftWordsDoNotDrownWhatIsChieflyMeant) {
  std::vector<float> rates(scent::kDescriptors, 0.1F);
  scent::DescriptorVector weights{}, chief{}, soft{};
  weights[0] = 1;
  for (std::size_t d = 1; d < 4; ++d) weights[d] = 0.4F;
  chief[0] = 0.9F;
  for (std::size_t d = 1; d < 4; ++d) soft[d] = 0.9F;
  EXPECT_GT(match_score(weights, chief, rates), match_score(weights, soft, rates));
}

TEST(DiverseOrder, PrefersADifferentMoleculeToATwinOfTheFirst) {
  const auto bits = [](const char* smiles) { return chem::morgan_bits(chem::Molecule::parse(smiles)); };
  const std::vector<Ranked> items = {
      {0.90, bits("CCCCCCCC=O")}, {0.89, bits("CCCCCCCCC=O")}, {0.85, bits("COc1cc(C=O)ccc1O")}};
  EXPECT_EQ(diverse_order(items, 2, 0.5), (std::vector<std::size_t>{0, 2}));
  EXPECT_EQ(diverse_order(items, 2, 0.0), (std::vector<std::size_t>{0, 1}));
  EXPECT_EQ(diverse_order(items, 9, 0.5).size(), 3U);
}

TEST(Auroc, IsOneForPerfectZeroForReversedAndAHalfForTies) {
  const std::vector<bool> truth = {false, false, true, true};
  EXPECT_DOUBLE_EQ(auroc({0, 1, 2, 3}, truth), 1);
  EXPECT_DOUBLE_EQ(auroc({3, 2, 1, 0}, truth), 0);
  EXPECT_DOUBLE_EQ(auroc({1, 1, 1, 1}, truth), 0.5);
  EXPECT_TRUE(std::isnan(auroc({1, 2}, {true, true})));
}

}  // namespace
}  // namespace odordiff::generate
