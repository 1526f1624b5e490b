// What the shipped physical model says of molecules whose behaviour is textbook knowledge, and of those it
// cannot know.
#include "scent/physical_model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <thread>

#include "base/error.h"
#include "nn/safetensors.h"

namespace odordiff::scent {
namespace {

const PhysicalModel& model() {
  static const PhysicalModel instance(ODORDIFF_MODEL_FOLDER);
  return instance;
}

PhysicalEstimate predict(const char* smiles) {
  return model().predict(chem::Molecule::parse(smiles));
}

bool holds(const Interval& i, double x) {
  return i.low <= x && x <= i.high;
}

void expect_ordered(const Interval& i, const char* what, const char* smiles) {
  EXPECT_TRUE(std::isfinite(i.value) && i.low <= i.value && i.value <= i.high)
      << what << " of " << smiles << ": " << i.low << " " << i.value << " " << i.high;
}

TEST(PhysicalModel, KnowsTextbookBoilingPoints) {
  // CRC Handbook of Chemistry and Physics, 97th ed.: hexyl acetate, linalool, limonene.
  EXPECT_NEAR(predict("CCCCCCOC(C)=O").boiling_point_c.value, 171.5, 15);
  EXPECT_NEAR(predict("CC(C)=CCCC(C)(O)C=C").boiling_point_c.value, 198, 20);
  EXPECT_NEAR(predict("CC1=CCC(CC1)C(C)=C").boiling_point_c.value, 176, 15);
}

TEST(PhysicalModel, PressureFallsAndBoilingPointRisesAlongAHomologousSeries) {
  double boiling = -300;
  double pressure = 1e9;
  for (const char* smiles :
       {"CCOC(C)=O", "CCCCOC(C)=O", "CCCCCCOC(C)=O", "CCCCCCCCOC(C)=O", "CCCCCCCCCCOC(C)=O"}) {
    const auto p = predict(smiles);
    EXPECT_GT(p.boiling_point_c.value, boiling) << smiles;
    EXPECT_LT(p.vapor_pressure_pa.value, pressure) << smiles;
    boiling = p.boiling_point_c.value;
    pressure = p.vapor_pressure_pa.value;
  }
}

TEST(PhysicalModel, IntervalsHoldTheirValueAndAreWiderForStrangerMolecules) {
  for (const char* smiles : {"CC(=O)OCCC(C)C", "COc1cc(C=O)ccc1O", "O=C1CCCCCCCCCCCCCC1", "CCCCCCCCC=O",
                             "C1=CSC=C1", "c1ccc2c(c1)CC1CCCC3(CCCCC3)C12"}) {
    const auto p = predict(smiles);
    expect_ordered(p.boiling_point_c, "boiling point", smiles);
    expect_ordered(p.vapor_pressure_pa, "vapour pressure", smiles);
    expect_ordered(p.longevity_hours, "longevity", smiles);
    expect_ordered(p.intensity, "intensity", smiles);
    expect_ordered(p.sillage, "sillage", smiles);
    expect_ordered(p.usual_dilution_percent, "dilution", smiles);
    expect_ordered(p.odorous, "odorous", smiles);
    EXPECT_LT(p.boiling_point_c.low, p.boiling_point_c.high);
  }
  const auto width = [](const char* smiles) {
    const auto i = predict(smiles).boiling_point_c;
    return i.high - i.low;
  };
  EXPECT_LT(width("CCCCCOC(C)=O"), width("C1CC2(CC3CC2CC3)SSC1=NO"));
}

TEST(PhysicalModel, AMuskIsABaseNoteThatOutlastsATopNote) {
  const auto musk = predict("O=C1CCCCCCCCCCCCCCO1");
  const auto ester = predict("CCCCOC(C)=O");
  EXPECT_EQ(musk.note, "base");
  EXPECT_EQ(ester.note, "top");
  EXPECT_GT(musk.longevity_hours.value, 10 * ester.longevity_hours.value);
  EXPECT_LE(musk.longevity_hours.high, kLongestHours + 1e-6);
  EXPECT_LT(musk.sillage.value, ester.sillage.value);
}

TEST(PhysicalModel, AThiolIsStrongerThanAMusk) {
  EXPECT_GT(predict("CC(C)=CCS").intensity.value, predict("O=C1CCCCCCCCCCCCCCO1").intensity.value);
  EXPECT_LT(predict("CC(C)=CCS").usual_dilution_percent.value,
            predict("O=C1CCCCCCCCCCCCCCO1").usual_dilution_percent.value);
}

TEST(PhysicalModel, SugarIsLessLikelyAnOdorantThanAnEster) {
  const auto sugar = predict("OCC1OC(O)C(O)C(O)C1O");
  const auto ester = predict("CC(=O)OCCC(C)C");
  EXPECT_LT(sugar.odorous.value, 0.5);
  EXPECT_GT(ester.odorous.value, 0.95);
}

TEST(PhysicalModel, MoleculesThatItCannotKnowAreMarkedWithTheReasonAndWideIntervals) {
  const struct {
    const char* smiles;
    const char* reason;
  } cases[] = {{"C[Hg]C", "it contains Hg"},       {"[Na+].CC(=O)[O-]", "it contains Na"},
               {"C[N+](C)(C)C", "it is charged"},  {"CCO.CCC", "it is more than one molecule"},
               {"C[CH2]", "it is a radical"},      {"N", "it has no carbon"},
               {"*CC*", "it has an open end (*)"}, {"NCC(=O)NCC(=O)NCC(=O)O", "it is a peptide"}};
  for (const auto& [smiles, reason] : cases) EXPECT_EQ(predict(smiles).outside, reason) << smiles;
  const auto chain = predict(std::string(200, 'C').c_str());
  EXPECT_EQ(chain.outside, "it has 200 heavy atoms, more than 50");
  EXPECT_GT(chain.boiling_point_c.high - chain.boiling_point_c.low, 100);
  EXPECT_EQ(chain.odorous.low, 0);
  EXPECT_EQ(chain.odorous.high, 1);
  EXPECT_TRUE(predict("CC(=O)OCCC(C)C").outside.empty());
}

TEST(PhysicalModel, StereoMarksChangeNothing) {
  EXPECT_TRUE(holds(predict("C[C@H](O)CC").boiling_point_c, predict("CC(O)CC").boiling_point_c.value));
  EXPECT_DOUBLE_EQ(predict("C/C=C/CO").boiling_point_c.value, predict("CC=CCO").boiling_point_c.value);
}

TEST(PhysicalModel, ABatchSaysWhatSinglePredictionsSayFromAnyThread) {
  const std::vector<chem::Molecule> mols = {chem::Molecule::parse("CCCCO"),
                                            chem::Molecule::parse("CC1=CCC(CC1)C(C)=C")};
  const auto batch = model().predict(mols);
  ASSERT_EQ(batch.size(), 2U);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (std::size_t i = 0; i < mols.size(); ++i) {
        EXPECT_EQ(model().predict(mols[i]).vapor_pressure_pa.value, batch[i].vapor_pressure_pa.value);
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

TEST(PhysicalModel, AMissingOrForeignFileIsUnavailable) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "physical-model-test";
  std::filesystem::create_directories(folder);
  std::filesystem::remove(folder / "physical.safetensors");
  EXPECT_THROW(PhysicalModel{folder}, Unavailable);
  const std::vector<float> three = {1, 2, 3};
  nn::write_safetensors(folder / "physical.safetensors",
                        {{"kernel.amplitudes", {nn::DType::F32, {3}, std::as_bytes(std::span(three))}}});
  EXPECT_THROW(PhysicalModel{folder}, Unavailable);
  std::filesystem::remove_all(folder);
}

TEST(NoteClass, FollowsTheVapourPressure) {
  EXPECT_EQ(note_class(200), "top");
  EXPECT_EQ(note_class(1), "heart");
  EXPECT_EQ(note_class(0.01), "base");
}

TEST(StrengthWord, NamesTheScaleOfTheIntensity) {
  EXPECT_EQ(strength_word(0), "low");
  EXPECT_EQ(strength_word(3.3), "medium");
  EXPECT_EQ(strength_word(6.7), "high");
  EXPECT_EQ(strength_word(10), "very high");
}

}  // namespace
}  // namespace odordiff::scent
