// Named materials near a brief or a molecule, with the shipped tables and model.
#include "generate/palette.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "model/resources.h"
#include "safety/assessor.h"

namespace odordiff::generate {
namespace {

const scent::OdorPredictor& predictor() {
  static const scent::OdorPredictor shared(ODORDIFF_MODEL_FOLDER, scent::OdorPredictor::Role::Ranker);
  return shared;
}

const Palette& palette() {
  static const Palette shared(shipped_materials(ODORDIFF_MODEL_FOLDER), predictor(), 2);
  return shared;
}

double probability(const Neighbour& neighbour, const char* descriptor) {
  return neighbour.odor.probabilities[scent::descriptor_index(descriptor).value()];
}

TEST(Palette, ShippedMaterialsAreNamedOnceAndNoneIsForbidden) {
  const safety::SafetyAssessor assessor(model::data_path(ODORDIFF_MODEL_FOLDER, "safety"),
                                        ODORDIFF_MODEL_FOLDER);
  std::set<std::string> seen;
  const auto materials = shipped_materials(ODORDIFF_MODEL_FOLDER);
  EXPECT_GT(materials.size(), 500U);
  for (const auto& material : materials) {
    EXPECT_FALSE(material.name.empty());
    EXPECT_TRUE(seen.insert(material.molecule.flat_smiles()).second) << material.name;
    EXPECT_FALSE(assessor.forbids(material.molecule)) << material.name;
  }
}

TEST(Palette, NearestToABriefSmellsOfItNearestFirst) {
  scent::DescriptorVector weights{};
  weights[scent::descriptor_index("mint").value()] = 1;
  const auto nearest = palette().nearest_to_brief(weights, 5);
  ASSERT_EQ(nearest.size(), 5U);
  EXPECT_GT(probability(nearest.front(), "mint"), 0.4);
  EXPECT_TRUE(std::is_sorted(nearest.begin(), nearest.end(),
                             [](const auto& a, const auto& b) { return a.distance < b.distance; }));
}

TEST(Palette, NearestToAMoleculeLeavesItselfOutAndSmellsAlike) {
  const auto vanillin = chem::Molecule::parse("COc1cc(C=O)ccc1O");
  const auto nearest = palette().nearest_to_smell(vanillin, 3);
  ASSERT_EQ(nearest.size(), 3U);
  for (const auto& neighbour : nearest) {
    EXPECT_NE(neighbour.material->molecule.flat_smiles(), vanillin.flat_smiles());
    EXPECT_GE(neighbour.distance, 0);
    EXPECT_LT(neighbour.distance, 0.5);
  }
  EXPECT_GT(probability(nearest.front(), "vanilla"), 0.3) << nearest.front().material->name;
}

}  // namespace
}  // namespace odordiff::generate
