// The shipped odor predictor: what an atom is credited with, and the words made of a prediction.
#include "scent/odor_predictor.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "scent/character.h"

namespace odordiff::scent {
namespace {

using chem::Molecule;

const OdorPredictor& predictor() {
  static const OdorPredictor shared(ODORDIFF_MODEL_FOLDER, OdorPredictor::Role::Ranker);
  return shared;
}

std::size_t descriptor(const char* name) {
  return descriptor_index(name).value();
}

// Atom of the highest attribution.
std::size_t strongest_atom(const Molecule& mol, const char* name) {
  const auto weights = predictor().attribution(mol, descriptor(name));
  return static_cast<std::size_t>(std::max_element(weights.begin(), weights.end()) - weights.begin());
}

TEST(OdorPredictor, AttributionPointsAtTheGroupThatCausesTheSmell) {
  // The canonical SMILES of each; the index is that of the heteroatom which every perfumer would name.
  const Molecule thiol = Molecule::parse("CCCCCCS");
  const auto z = thiol.atomic_numbers();
  EXPECT_EQ(z[strongest_atom(thiol, "sulfurous")], 16);
  const Molecule pyrazine = Molecule::parse("CCc1nccnc1C");
  const auto weights = predictor().attribution(pyrazine, descriptor("nutty"));
  double ring_nitrogen = 0, chain = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (pyrazine.atomic_numbers()[i] == 7) ring_nitrogen = std::max(ring_nitrogen, weights[i]);
    if (i == 0) chain = weights[i];
  }
  EXPECT_GT(ring_nitrogen, chain);
}

TEST(OdorPredictor, EveryAtomIsCreditedAlikeWhereTheMoleculeIsSymmetric) {
  const Molecule mol = Molecule::parse("CCOCC");
  const auto weights = predictor().attribution(mol, descriptor("ethereal"));
  ASSERT_EQ(weights.size(), 5U);
  EXPECT_NEAR(weights[0], weights[4], 1e-6);
  EXPECT_NEAR(weights[1], weights[3], 1e-6);
}

TEST(OdorPredictor, CharacterNamesTheMostProbableNotesFirst) {
  OdorPrediction odor;
  odor.odorous = 0.9F;
  odor.probabilities[descriptor("fruity")] = 0.8F;
  odor.probabilities[descriptor("banana")] = 0.5F;
  odor.probabilities[descriptor("sweet")] = 0.3F;
  odor.probabilities[descriptor("green")] = 0.2F;
  odor.probabilities[descriptor("woody")] = 0.1F;
  PhysicalEstimate physical;
  physical.intensity.value = 5;
  physical.longevity_hours.value = 4.2;
  physical.note = "top";
  const auto character = character_of(odor, physical);
  EXPECT_EQ(character.primary, (std::vector<std::size_t>{descriptor("fruity"), descriptor("banana")}));
  EXPECT_EQ(character.secondary, (std::vector<std::size_t>{descriptor("sweet"), descriptor("green")}));
  EXPECT_EQ(character.line,
            "Fruity and banana, with sweet and green undertones; high strength, a top note of about 4 h.");
}

TEST(OdorPredictor, CharacterOfSomethingOdorlessPromisesNoNotes) {
  OdorPrediction odor;
  odor.odorous = 0.1F;
  EXPECT_EQ(character_of(odor, {}).line, "Probably odorless.");
}

// An answer names a smell or says that there is none, never both.
TEST(OdorPredictor, WhatIsSmelledIsNotCalledOdorless) {
  const std::size_t odorless = *descriptor_index("odorless");
  for (const char* smelled : {"CC(=O)O", "S", "N", "O=C(Cl)Cl", "CCCCCCCCCCCCCCCCCC(=O)O", "CCO"}) {
    const auto prediction = predictor().predict(Molecule::parse(smelled));
    ASSERT_GE(prediction.odorous, kSmelled) << smelled;
    EXPECT_EQ(stated(prediction).probabilities[odorless], 0) << smelled;
    const Character character = character_of(prediction, {});
    for (const auto* notes : {&character.primary, &character.secondary}) {
      EXPECT_EQ(std::count(notes->begin(), notes->end(), odorless), 0) << smelled;
    }
    EXPECT_EQ(character.line.find("dorless"), std::string::npos) << character.line;
  }
  for (const char* silent : {"O", "OCC(O)C(O)C(O)C(O)CO"}) {
    const auto prediction = stated(predictor().predict(Molecule::parse(silent)));
    ASSERT_LT(prediction.odorous, kSmelled) << silent;
    EXPECT_EQ(most_probable(prediction.probabilities, 1).front(), odorless) << silent;
    const Character character = character_of(prediction, {});
    EXPECT_EQ(character.primary, std::vector<std::size_t>{odorless});
    EXPECT_TRUE(character.secondary.empty());
  }
}

}  // namespace
}  // namespace odordiff::scent
