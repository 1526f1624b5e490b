// The measure of steering: answers over what truly carries the word, with what it could not measure said.
#include "generate/steering.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "base/split.h"
#include "generate/frechet.h"
#include "shipped_pipeline.h"

namespace odordiff::generate {
namespace {

namespace fs = std::filesystem;

const scent::OdorPredictor& judge() {
  static const scent::OdorPredictor shipped(ODORDIFF_MODEL_FOLDER, scent::OdorPredictor::Role::Judge);
  return shipped;
}

// Straight-chain acetates said to smell of banana: enough that some are validation molecules.
JudgedOdorants bananas() {
  const fs::path folder = fs::temp_directory_path() / ("odordiff-steering-" + std::to_string(::getpid()));
  fs::create_directories(folder);
  std::ofstream table(folder / "odor_labels.csv");
  table << "smiles,descriptors\n";
  for (int i = 1; i < 16; ++i) {
    for (int j = 1; j < 16; ++j)
      table << std::string(i, 'C') << "C(=O)O" << std::string(j, 'C') << ",banana;fruity\n";
  }
  table << "COc1cc(C=O)ccc1O,vanilla\n";
  table.close();
  const auto odorants = judge_labelled(folder, judge());
  fs::remove_all(folder);
  return odorants;
}

TEST(Steering, ComparesAnswersWithWhatCarriesTheWord) {
  const auto odorants = bananas();
  const std::size_t banana = scent::descriptor_index("banana").value();
  const std::size_t vanilla = scent::descriptor_index("vanilla").value();
  EXPECT_EQ(odorants.held_out[banana].size() + odorants.taught[banana].size(), 225U);
  ASSERT_GE(odorants.held_out[banana].size(), 3U);
  SteeringOptions options;
  options.descriptors = {banana, vanilla};
  options.molecules = 4;
  const auto measured = measure_steering(pipeline(), judge(), odorants, options);
  ASSERT_EQ(measured.descriptors.size(), 2U);
  for (const auto& row : measured.descriptors) {
    EXPECT_EQ(row.molecules, 4);
    EXPECT_GE(row.scaffolds, 1);
    EXPECT_GT(row.ratio.value, 0);
    EXPECT_NEAR(row.ratio.value, row.answers / row.reference, 1e-12);
    EXPECT_LE(row.ratio.low, row.ratio.value);
    EXPECT_GE(row.ratio.high, row.ratio.value);
  }
  EXPECT_FALSE(measured.descriptors[0].from_taught);
  EXPECT_TRUE(measured.descriptors[1].from_taught) << "one molecule carries vanilla";
  EXPECT_NEAR(measured.median.value,
              (measured.descriptors[0].ratio.value + measured.descriptors[1].ratio.value) / 2, 1e-12);
  EXPECT_EQ(measured.empty, 0);
  EXPECT_GT(measured.frechet, 0);
  const auto again = measure_steering(pipeline(), judge(), odorants, options);
  EXPECT_EQ(again.median.low, measured.median.low) << "the same seed gives the same interval";
}

TEST(FrechetDistance, IsZeroForEqualSetsAndTheShiftsSquareForShiftedOnes) {
  const std::vector<std::vector<double>> a = {{0, 0}, {1, 2}, {2, 1}, {4, 3}};
  auto b = a;
  for (auto& row : b) row[0] += 3;
  EXPECT_NEAR(frechet_distance(a, a), 0, 1e-9);
  EXPECT_NEAR(frechet_distance(a, b), 9, 1e-9);
  auto wide = a;
  for (auto& row : wide) row[1] *= 2;  // (2 sd - sd)² along an axis, were there no covariance
  EXPECT_GT(frechet_distance(a, wide), 0.1);
  EXPECT_TRUE(std::isnan(frechet_distance(a, {{1, 1}})));
}

}  // namespace
}  // namespace odordiff::generate
