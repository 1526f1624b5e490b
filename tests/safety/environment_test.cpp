// The published formulas, at points where their values can be worked out by hand.
#include <gtest/gtest.h>

#include "safety/environment.h"

namespace odordiff::safety {
namespace {

Environment of(const std::string& smiles, double logp, double weight) {
  return environment(chem::Molecule::parse(smiles), logp, weight);
}

TEST(Environment, BioconcentrationFollowsTheThreeBranches) {
  EXPECT_DOUBLE_EQ(of("CCO", -0.3, 46.07).log_bcf, 0.5);
  EXPECT_NEAR(of("CCO", 4, 46.07).log_bcf, 0.6598 * 4 - 0.333, 1e-12);
  EXPECT_NEAR(of("CCO", 8, 46.07).log_bcf, -0.49 * 8 + 7.554, 1e-12);
}

TEST(Environment, BiodegradationSumsTheGroups) {
  EXPECT_NEAR(of("CCO", 0, 46.07).biodegradation_rating, 3.19917 - 0.00220987 * 46.07 + 0.15997, 1e-5);
  // Ethyl acetate: one ester.
  EXPECT_NEAR(of("CCOC(C)=O", 0, 88.11).biodegradation_rating, 3.19917 - 0.00220987 * 88.11 + 0.14021, 1e-5);
  // tert-Butylbenzene: a quaternary carbon and a phenyl ring.
  EXPECT_NEAR(of("CC(C)(C)c1ccccc1", 0, 134.22).biodegradation_rating,
              3.19917 - 0.00220987 * 134.22 - 0.21212 + 0.02201, 1e-5);
  // Benzene counts once, not once an atom.
  EXPECT_NEAR(of("c1ccccc1", 0, 78.11).biodegradation_rating, 3.19917 - 0.00220987 * 78.11 - 0.58591, 1e-5);
}

TEST(Environment, EstersDegradeSoonerThanPolycyclicMusks) {
  const auto ester = of("CC(=O)OCCC(C)C", 2.1, 130.19);
  const auto galaxolide = of("CC1COCc2cc3c(cc21)C(C)(C)C(C)C3(C)C", 5.5, 258.4);
  EXPECT_TRUE(ester.readily_biodegradable);
  EXPECT_FALSE(galaxolide.readily_biodegradable);
  EXPECT_STREQ(biodegradation_word(ester.biodegradation_rating), "weeks");
}

}  // namespace
}  // namespace odordiff::safety
