// Options check their values and say what would be right.
#include "options.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"

namespace odordiff::apps {
namespace {

TEST(Ranges, ReadBothSidesOrOne) {
  const auto both = parse_range("--mw", "150:300");
  EXPECT_EQ(both.low, 150);
  EXPECT_EQ(both.high, 300);
  EXPECT_EQ(parse_range("--logp", "-1.5:4.5").low, -1.5);
  EXPECT_EQ(parse_range("--mw", "150:").low, 150);
  EXPECT_TRUE(std::isinf(parse_range("--mw", "150:").high));
  EXPECT_TRUE(std::isinf(parse_range("--mw", ":300").low));
  EXPECT_EQ(parse_range("--mw", "200:200").low, 200);
}

TEST(Ranges, RefuseWhatIsNone) {
  for (const char* text :
       {"", ":", "150", "a:b", "150:b", "1:2:3", "nan:2", "1:inf", "1;2", "150-300", "0x10:20"}) {
    EXPECT_THROW(parse_range("--mw", text), InvalidInput) << text;
  }
}

TEST(Ranges, RefuseAContradictionAndOfferTheRightOne) {
  try {
    (void)parse_range("--mw", "300:150");
    FAIL();
  } catch (const InvalidInput& error) {
    EXPECT_NE(std::string(error.what()).find("150:300"), std::string::npos) << error.what();
  }
}

TEST(Ranges, AreShownAsTheyAreWritten) {
  for (const char* text : {"150:300", "150:", ":4.5", "-1:2"})
    EXPECT_EQ(to_string(parse_range("--x", text)), text);
}

RequestOptions parsed(std::vector<const char*> arguments) {
  RequestOptions options;
  CLI::App app;
  add_request_options(app, options);
  restore_arguments(app);
  arguments.insert(arguments.begin(), "odordiff");
  auto list = protect_arguments(static_cast<int>(arguments.size()), arguments.data());
  std::reverse(list.begin(), list.end());
  app.parse(std::move(list));
  return options;
}

TEST(RequestOptions, ReachTheRequest) {
  const auto request = parsed({"-n",
                               "7",
                               "--seed",
                               "18446744073709551615",
                               "--steps",
                               "2",
                               "--guidance",
                               "2.5",
                               "--temperature",
                               "0.8",
                               "--mw",
                               "150:300",
                               "--logp",
                               "-1:4",
                               "--tpsa",
                               ":60",
                               "--sa",
                               "1:4",
                               "--like",
                               "CCO",
                               "--similarity",
                               "0.3:",
                               "--allow-known"})
                           .make_request();
  EXPECT_EQ(request.count, 7);
  EXPECT_EQ(request.seed, UINT64_MAX);
  EXPECT_EQ(request.steps_per_block, 2);
  EXPECT_FLOAT_EQ(request.guidance, 2.5F);
  EXPECT_FLOAT_EQ(request.temperature, 0.8F);
  EXPECT_EQ(request.molecular_weight.low, 150);
  EXPECT_EQ(request.logp.low, -1);
  EXPECT_EQ(request.tpsa.high, 60);
  EXPECT_EQ(request.sa_score.high, 4);
  EXPECT_EQ(request.like, "CCO");
  EXPECT_EQ(request.similarity.low, 0.3);
  EXPECT_TRUE(request.allow_known);
}

TEST(RequestOptions, TakeAMoleculeInBracketsForAMolecule) {
  EXPECT_EQ(parsed({"--like", "[O-]C(=O)C[NH3+]"}).make_request().like, "[O-]C(=O)C[NH3+]");
}

TEST(RequestOptions, RefuseWhatIsOutOfRange) {
  const std::vector<std::vector<const char*>> bad = {{"-n", "0"},
                                                     {"-n", "100000"},
                                                     {"-n", "five"},
                                                     {"-n", "2.5"},
                                                     {"-n", ""},
                                                     {"--seed", "-1"},
                                                     {"--seed", "18446744073709551616"},
                                                     {"--steps", "0"},
                                                     {"--steps", "5"},
                                                     {"--guidance", "11"},
                                                     {"--guidance", "nan"},
                                                     {"--temperature", "0"},
                                                     {"--threads", "-1"},
                                                     {"--precision", "fp64"},
                                                     {"--budget", "0"}};
  for (const auto& arguments : bad)
    EXPECT_THROW(parsed(arguments), InvalidInput) << arguments[0] << arguments[1];
}

TEST(RequestOptions, TakeAFragmentOrAMoleculeButNotBoth) {
  EXPECT_EQ(parsed({"--keep", "C=O"}).make_request().keep, "C=O");
  EXPECT_THROW(parsed({"--keep", "C=O", "--like", "CCO"}).make_request(), InvalidInput);
}

TEST(RequestOptions, RefuseMoleculesThatAreNone) {
  EXPECT_THROW(parsed({"--like", "C(C"}).make_request(), InvalidInput);
  EXPECT_THROW(parsed({"--keep", "xyz"}).make_request(), InvalidInput);
}

TEST(RequestOptions, RefuseSimilarityToNothing) {
  EXPECT_THROW(parsed({"--similarity", "0.5:"}).make_request(), InvalidInput);
}

}  // namespace
}  // namespace odordiff::apps
