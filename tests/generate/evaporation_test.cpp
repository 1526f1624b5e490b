// Evaporation against what physics says without a computer: constant rates, order of leaving, nothing lost.
#include "generate/evaporation.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "generate/headspace.h"

namespace odordiff::generate {
namespace {

constexpr double kGasTimesTemperature = 8.314462618 * 298.15;

// About limonene, linalool and a macrocyclic musk.
const FilmComponent kTop{136.2, 190, 162, 176, 1};
const FilmComponent kHeart{154.3, 21, 179, 198, 1};
const FilmComponent kBase{240.4, 0.004, 262, 330, 1};

TEST(Evaporation, APureComponentLeavesAtTheRateOfItsVapourPressureUntilItIsGone) {
  FilmConditions conditions;
  conditions.hours = 1;
  conditions.points = 61;
  const auto curve = evaporate({kTop}, conditions);
  // mol/(m² s) = k p / (R T), so the share left falls along a straight line.
  const double flux = mass_transfer_m_s(kTop.molecular_weight, conditions.air_speed_m_s) *
                      kTop.vapor_pressure_pa / kGasTimesTemperature;
  const double gone_after_s = conditions.grams_per_m2 / kTop.molecular_weight / flux;
  ASSERT_LT(gone_after_s, 3600);
  for (std::size_t t = 0; t < curve.hours.size(); ++t) {
    const double expected = std::max(0.0, 1 - curve.hours[t] * 3600 / gone_after_s);
    EXPECT_NEAR(curve.remaining[t][0], expected, 2e-3) << curve.hours[t];
  }
  EXPECT_EQ(curve.remaining.back()[0], 0);
  EXPECT_EQ(curve.pressure_pa.back()[0], 0);
  EXPECT_NEAR(curve.pressure_pa.front()[0], kTop.vapor_pressure_pa, 1e-9);
}

TEST(Evaporation, WhatLeftTheFilmIsInTheAir) {
  const std::vector<FilmComponent> film = {kTop, kHeart, kBase};
  const auto curve = evaporate(film, {});
  for (std::size_t t = 0; t < curve.hours.size(); ++t) {
    for (std::size_t i = 0; i < film.size(); ++i) {
      EXPECT_NEAR(curve.remaining[t][i] * film[i].grams + curve.evaporated_g[t][i], film[i].grams, 1e-9);
      EXPECT_LE(curve.remaining[t][i], (t > 0 ? curve.remaining[t - 1][i] : 1) + 1e-12);
    }
  }
}

TEST(Evaporation, TheMoreVolatileLeavesFirst) {
  const auto curve = evaporate({kBase, kTop, kHeart}, {});
  const auto half_life = [&](std::size_t i) {
    for (std::size_t t = 0; t < curve.hours.size(); ++t) {
      if (curve.remaining[t][i] < 0.5) return curve.hours[t];
    }
    return 1e9;
  };
  EXPECT_LT(half_life(1), half_life(2));
  EXPECT_LT(half_life(2), half_life(0));
  EXPECT_GT(curve.remaining.back()[0], 0.99);
}

TEST(Evaporation, ABlendHoldsItsTopNoteLongerThanItLastsAlone) {
  // Raoult: diluted to a tenth, its pressure is about a tenth.
  FilmComponent little = kTop;
  little.grams = 0.1;
  FilmConditions ideal;
  ideal.ideal = true;
  const auto curve = evaporate({little, kBase}, ideal);
  const double moles = little.grams / little.molecular_weight;
  const double x = moles / (moles + kBase.grams / kBase.molecular_weight);
  EXPECT_NEAR(curve.pressure_pa.front()[0], x * kTop.vapor_pressure_pa, 1e-9);
}

TEST(Evaporation, IsStableOverFourteenDecadesOfVapourPressure) {
  std::vector<FilmComponent> film;
  for (int decade = -8; decade <= 5; ++decade) {
    FilmComponent c = kHeart;
    c.vapor_pressure_pa = std::pow(10.0, decade);
    film.push_back(c);
  }
  FilmConditions ideal;
  ideal.ideal = true;
  const auto curve = evaporate(film, ideal);
  for (const auto& at : curve.remaining) {
    for (std::size_t i = 0; i < film.size(); ++i) {
      EXPECT_TRUE(std::isfinite(at[i]));
      EXPECT_GE(at[i], 0);
      EXPECT_LE(at[i], 1);
      EXPECT_LE(at[i], (i > 0 ? at[i - 1] : 1) + 1e-9);
    }
  }
}

TEST(Evaporation, TheAnswerDoesNotDependOnHowOftenItIsLookedAt) {
  FilmConditions coarse;
  coarse.points = 2;
  FilmConditions fine;
  fine.points = 481;
  const std::vector<FilmComponent> film = {kTop, kHeart, kBase};
  const auto a = evaporate(film, coarse);
  const auto b = evaporate(film, fine);
  for (std::size_t i = 0; i < film.size(); ++i)
    EXPECT_NEAR(a.remaining.back()[i], b.remaining.back()[i], 1e-3);
}

TEST(Activity, IsOneForAPureLiquidAndForTwins) {
  EXPECT_NEAR(activity_coefficients({kHeart}, {2})[0], 1, 1e-12);
  const auto twins = activity_coefficients({kHeart, kHeart}, {1, 3});
  EXPECT_NEAR(twins[0], 1, 1e-12);
  EXPECT_NEAR(twins[1], 1, 1e-12);
}

TEST(Activity, LikeDissolvesLike) {
  // Hexane and a liquid of much higher cohesion.
  const FilmComponent hexane{86.2, 20200, 131.6, 68.7, 1};
  const FilmComponent cohesive{152, 0.3, 115, 285, 1};
  EXPECT_NEAR(solubility_parameter(hexane), 14.9, 0.6);  // Hansen, Solubility Parameters, CRC 2007
  const auto gamma = activity_coefficients({hexane, cohesive}, {0.01, 0.99});
  EXPECT_GT(gamma[0], 2);
  EXPECT_NEAR(gamma[1], 1, 0.05);
}

TEST(Evaporation, RefusesWhatHasNoMeaning) {
  EXPECT_THROW(evaporate({}, {}), InvalidInput);
  FilmComponent broken = kTop;
  broken.vapor_pressure_pa = 0;
  EXPECT_THROW(evaporate({broken}, {}), InvalidInput);
  broken = kTop;
  broken.grams = NAN;
  EXPECT_THROW(evaporate({broken}, {}), InvalidInput);
  FilmConditions one_point;
  one_point.points = 1;
  EXPECT_THROW(evaporate({kTop}, one_point), InvalidInput);
}

TEST(OdorCurve, TheTopNoteIsSmelledFirstAndTheBaseLast) {
  const auto curve = evaporate({kTop, kBase}, {});
  const auto odor = odor_over_time(curve, {{0.1, {{"citrus", 0.9}}, true}, {0.1, {{"musk", 0.9}}, true}});
  ASSERT_EQ(odor.descriptors.size(), 2U);
  const std::size_t citrus = odor.descriptors[0] == "citrus" ? 0 : 1;
  EXPECT_GT(odor.strength.front()[citrus], odor.strength.front()[1 - citrus]);
  EXPECT_LT(odor.strength.back()[citrus], odor.strength.back()[1 - citrus]);
  EXPECT_NEAR(odor.share.front()[0] + odor.share.front()[1], 1, 1e-12);
  EXPECT_NEAR(odor.share.back()[1], 1, 1e-12);
}

TEST(OdorCurve, ASolventIsNotSmelledAndAStrongerMaterialIsMoreSo) {
  const auto curve = evaporate({kHeart, kHeart, kHeart}, {});
  const auto odor = odor_over_time(
      curve, {{1, {{"rose", 1.0}}, true}, {0.01, {{"violet", 1.0}}, true}, {1, {{"waxy", 1.0}}, false}});
  ASSERT_EQ(odor.descriptors.size(), 2U);
  EXPECT_EQ(odor.descriptors[0], "violet");
  EXPECT_NEAR(odor.strength[0][0], 100, 1e-9);
  EXPECT_NEAR(odor.strength[0][0] / odor.strength[0][1], std::pow(100, 0.35), 1e-6);
}

}  // namespace
}  // namespace odordiff::generate
