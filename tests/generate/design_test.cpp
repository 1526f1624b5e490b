// Whole designs by the shipped model, and what is said when one cannot be made.
#include "generate/design.h"

#include <gtest/gtest.h>

#include <set>

#include "base/error.h"
#include "shipped_pipeline.h"

namespace odordiff::generate {
namespace {

DesignRequest request() {
  DesignRequest r;
  r.notes = {"citrus, fresh", "rose, floral", "sandalwood, woody"};
  r.per_note = 2;
  r.seed = 3;
  return r;
}

std::string refusal(const DesignRequest& r) {
  try {
    design(pipeline(), r);
  } catch (const InvalidInput& error) {
    return error.what();
  }
  return "no refusal";
}

TEST(Design, PartsSumToAThousandWithinLimitsAndNotesHaveTheirVolatility) {
  const auto d = design(pipeline(), request());
  double sum = 0;
  std::set<std::string> distinct;
  for (const auto& i : d.ingredients) {
    sum += i.parts;
    EXPECT_TRUE(distinct.insert(i.molecule.smiles).second) << i.molecule.smiles;
    EXPECT_LE(i.parts, i.most_parts + 1e-9) << i.molecule.smiles;
    EXPECT_TRUE(i.solvent || i.molecule.note == kNoteNames.at(i.note)) << i.molecule.smiles;
  }
  EXPECT_NEAR(sum, 1000, 1e-6);
  EXPECT_EQ(d.odor.strength.size(), d.evaporation.hours.size());
  EXPECT_NEAR(d.evaporation.hours.back(), 8, 1e-12);
  // What evaporates is what is not left, and tops go before bases.
  double top = 0, base = 0;
  for (std::size_t i = 0; i < d.ingredients.size(); ++i) {
    if (d.ingredients[i].solvent) continue;
    if (d.ingredients[i].note == 0) top = std::max(top, d.evaporation.remaining.back()[i]);
    if (d.ingredients[i].note == 2) base = std::max(base, d.evaporation.remaining.back()[i]);
  }
  EXPECT_LT(top, base);
}

TEST(Design, TheSameSeedGivesTheSameDesignAndAnotherAnother) {
  const auto a = design(pipeline(), request());
  const auto b = design(pipeline(), request());
  ASSERT_EQ(a.ingredients.size(), b.ingredients.size());
  for (std::size_t i = 0; i < a.ingredients.size(); ++i) {
    EXPECT_EQ(a.ingredients[i].molecule.smiles, b.ingredients[i].molecule.smiles);
    EXPECT_EQ(a.ingredients[i].parts, b.ingredients[i].parts);
  }
  EXPECT_EQ(a.odor.strength, b.odor.strength);
  auto other = request();
  other.seed = 4;
  const auto c = design(pipeline(), other);
  bool differs = c.ingredients.size() != a.ingredients.size();
  for (std::size_t i = 0; !differs && i < a.ingredients.size(); ++i) {
    differs = a.ingredients[i].molecule.smiles != c.ingredients[i].molecule.smiles;
  }
  EXPECT_TRUE(differs);
}

TEST(Design, ARuleOfTheCallersHoldsAndTheStrictestWins) {
  auto r = request();
  r.limits.emplace_back([](const Candidate&, const Product& product) {
    return UseLimit{0.2, UseLimit::Of::Product, "a test's limit in category " + std::string(product.ifra)};
  });
  const auto d = design(pipeline(), r);
  // 0.2 % of a product that holds 20 % perfume is 10 parts per thousand of the perfume.
  for (const auto& i : d.ingredients) {
    EXPECT_TRUE(i.solvent || i.parts <= 10 + 1e-9) << i.parts;
  }
  EXPECT_TRUE(d.ingredients.back().solvent);
  EXPECT_GE(d.ingredients.back().parts, 1000 - 10 * 6 - 1e-6);
  EXPECT_FALSE(d.remarks.empty());
  r.solvent = false;
  EXPECT_NE(refusal(r).find("1,000 parts cannot be reached without solvent: the limits of the top note"),
            std::string::npos)
      << refusal(r);
}

TEST(Design, AForbiddenNoteIsRefusedWithTheReason) {
  auto r = request();
  r.limits.emplace_back([](const Candidate& c, const Product&) -> std::optional<UseLimit> {
    if (c.note != "base") return std::nullopt;
    return UseLimit{0, UseLimit::Of::Product, "forbidden by a test"};
  });
  const auto said = refusal(r);
  EXPECT_NE(said.find("base note cannot be met"), std::string::npos) << said;
  EXPECT_NE(said.find("forbidden by a test"), std::string::npos) << said;
}

TEST(Design, ATopNoteOfHeavyMoleculesIsRefusedWithTheVolatilityThatItNeeds) {
  auto r = request();
  r.notes = {"musk, powdery", "", ""};
  r.molecular_weight = {235, 320};
  const auto said = refusal(r);
  EXPECT_NE(said.find("the top note cannot be met: it needs a vapour pressure above 13 Pa"),
            std::string::npos)
      << said;
  EXPECT_NE(said.find("235 to 320 g/mol"), std::string::npos) << said;
}

TEST(Design, AStyleThatRefusesWhatANoteAsksForIsAContradiction) {
  auto r = request();
  r.notes[1] = "rose";
  r.style = "no rose";
  const auto said = refusal(r);
  EXPECT_NE(said.find("contradicts itself: the heart note asks for \"rose\""), std::string::npos) << said;
}

TEST(Design, ImpossibleRequestsAreRefusedBeforeAnyWork) {
  DesignRequest r;
  EXPECT_THROW(validate(r), InvalidInput);  // no words
  r = request();
  r.product = "rocket-fuel";
  try {
    validate(r);
    FAIL();
  } catch (const InvalidInput& error) {
    EXPECT_NE(std::string(error.what()).find("fine-fragrance"), std::string::npos) << error.what();
  }
  r = request();
  r.shares = {0, 50, 50};
  EXPECT_THROW(validate(r), InvalidInput);
  r = request();
  r.per_note = 0;
  EXPECT_THROW(validate(r), InvalidInput);
  r = request();
  r.molecular_weight = {300, 100};
  EXPECT_THROW(validate(r), InvalidInput);
  r = request();
  r.dosage_percent = 0;
  EXPECT_THROW(validate(r), InvalidInput);
}

TEST(Product, PercentOfTheProductBecomesPartsOfThePerfume) {
  EXPECT_NEAR(parts_allowed({0.2, UseLimit::Of::Product, ""}, 20), 10, 1e-12);
  EXPECT_NEAR(parts_allowed({5, UseLimit::Of::Formula, ""}, 20), 50, 1e-12);
  EXPECT_NEAR(parts_allowed({90, UseLimit::Of::Product, ""}, 1), 1000, 1e-12);
}

}  // namespace
}  // namespace odordiff::generate
