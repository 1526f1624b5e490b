// The pipeline with the shipped model: what comes back is what was promised.
#include "generate/pipeline.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>

#include "base/error.h"
#include "chem/fingerprint.h"
#include "chem/odorant_window.h"
#include "shipped_pipeline.h"

namespace odordiff::generate {
namespace {

Request brief(const std::string& words, int count = 5) {
  Request request;
  request.brief = words;
  request.count = count;
  request.seed = 7;
  return request;
}

std::vector<std::string> smiles_of(const Answer& answer) {
  std::vector<std::string> out;
  for (const auto& m : answer.molecules) out.push_back(m.smiles);
  return out;
}

TEST(Pipeline, GivesAsManyDistinctNewMoleculesAsAskedBestFirst) {
  const auto answer = pipeline().generate(brief("fresh-cut grass after rain, a little ozone", 10));
  EXPECT_EQ(answer.stop, Stop::Complete);
  ASSERT_EQ(answer.molecules.size(), 10U);
  std::set<std::string> keys;
  for (std::size_t i = 0; i < answer.molecules.size(); ++i) {
    const auto& m = answer.molecules[i];
    const auto mol = chem::Molecule::parse(m.smiles);
    EXPECT_EQ(mol.smiles(), m.smiles) << "canonical";
    EXPECT_TRUE(keys.insert(m.inchikey).second) << "distinct";
    EXPECT_FALSE(m.known);
    EXPECT_EQ(chem::outside_odorant_window(mol), "");
    EXPECT_GE(m.odorous, 0.5);
    EXPECT_EQ(m.odor.size(), 8U);
    EXPECT_GT(m.match, 0);
    if (i > 0) {
      EXPECT_LE(m.score, answer.molecules[i - 1].score);
    }
  }
}

TEST(Pipeline, TheSameSeedGivesTheSameAnswerAndAnotherSeedAnother) {
  auto request = brief("warm amber and old books");
  const auto first = smiles_of(pipeline().generate(request));
  EXPECT_EQ(first, smiles_of(pipeline().generate(request)));
  request.seed = 8;
  EXPECT_NE(first, smiles_of(pipeline().generate(request)));
}

TEST(Pipeline, ConcurrentRequestsGetWhatTheyWouldGetAlone) {
  const std::vector<std::string> words = {"rose", "smoky leather", "green apple", "vanilla cream"};
  std::vector<std::vector<std::string>> alone, together(words.size());
  for (const auto& w : words) alone.push_back(smiles_of(pipeline().generate(brief(w))));
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < words.size(); ++i) {
    threads.emplace_back([&, i] { together[i] = smiles_of(pipeline().generate(brief(words[i]))); });
  }
  for (auto& t : threads) t.join();
  EXPECT_EQ(alone, together);
}

TEST(Pipeline, SaysWhichKnownOdorantAMoleculeDescendsFrom) {
  const auto answer = pipeline().generate(brief("violet", 10));
  ASSERT_EQ(answer.molecules.size(), 10U);
  std::set<std::string> starts;
  for (const auto& m : answer.molecules) {
    if (!m.descends_from) continue;
    starts.insert(m.descends_from->smiles);
    const auto start = chem::Molecule::parse(m.descends_from->smiles);
    EXPECT_EQ(pipeline().knowledge_of(start), KnowledgeOf::Data);
    EXPECT_NEAR(m.descends_from->similarity,
                chem::tanimoto(chem::morgan_bits(start), chem::morgan_bits(chem::Molecule::parse(m.smiles))),
                1e-9);
    EXPECT_NE(start.smiles(), m.smiles);
  }
  EXPECT_GE(starts.size(), 2U) << "more than one known odorant is started from";
}

TEST(Pipeline, AMoleculeToVaryAndAFragmentToKeepAreTheOnlyStarts) {
  auto request = brief("violet", 4);
  request.like = "CC1=C(C(C)(C)CCC1)C=CC(=O)C";
  for (const auto& m : pipeline().generate(request).molecules) EXPECT_FALSE(m.descends_from);
  request.like.reset();
  request.keep = "CC1=CCCCC1";
  for (const auto& m : pipeline().generate(request).molecules) EXPECT_FALSE(m.descends_from);
  EXPECT_FALSE(pipeline().assess(chem::Molecule::parse("CCCCCC=O")).descends_from);
}

TEST(Pipeline, WordsWantedAndRefusedAtOnceAreNoted) {
  const auto answer = pipeline().generate(brief("violet but no violet", 3));
  EXPECT_NE(answer.note.find("both wants and refuses violet"), std::string::npos) << answer.note;
  EXPECT_EQ(answer.molecules.size(), 3U);
}

TEST(Pipeline, StrictGuidanceStillAnswers) {
  for (const char* word : {"garlic", "sulfurous", "grapefruit", "meaty", "violet"}) {
    auto request = brief(word, 5);
    request.guidance = 3;
    EXPECT_EQ(pipeline().generate(request).molecules.size(), 5U) << word;
  }
}

TEST(Pipeline, PropertyRangesHold) {
  auto request = brief("woody", 5);
  request.molecular_weight = {150, 220};
  request.logp = {1.5, 4.5};
  const auto answer = pipeline().generate(request);
  ASSERT_FALSE(answer.molecules.empty());
  for (const auto& m : answer.molecules) {
    EXPECT_TRUE(request.molecular_weight.contains(m.properties.molecular_weight));
    EXPECT_TRUE(request.logp.contains(m.properties.logp));
  }
}

TEST(Pipeline, ImpossibleRangesEndWithAReason) {
  auto request = brief("woody", 5);
  request.molecular_weight = {80, 90};
  request.logp = {6, 8};
  request.budget_seconds = 2;
  const auto answer = pipeline().generate(request);
  EXPECT_TRUE(answer.molecules.empty());
  EXPECT_NE(answer.stop, Stop::Complete);
  EXPECT_FALSE(answer.note.empty());
}

TEST(Pipeline, KeepHoldsTheFragmentInEveryMolecule) {
  auto request = brief("sweet vanilla", 4);
  request.keep = "COc1ccccc1O";
  const auto answer = pipeline().generate(request);
  ASSERT_FALSE(answer.molecules.empty());
  for (const auto& m : answer.molecules) {
    EXPECT_FALSE(chem::Molecule::parse(m.smiles).match("COc1ccccc1O").empty()) << m.smiles;
  }
}

TEST(Pipeline, VariationsAreNotTheMoleculeItself) {
  Request request;
  request.like = "CC(C)=CCCC(C)(O)C=C";
  request.count = 4;
  const auto answer = pipeline().generate(request);
  ASSERT_FALSE(answer.molecules.empty());
  for (const auto& m : answer.molecules) EXPECT_NE(m.smiles, chem::Molecule::parse(*request.like).smiles());
}

TEST(Pipeline, WordsThatMeanNothingStillAnswerAndSaySo) {
  const auto answer = pipeline().generate(brief("asdfgh qwrtzp", 3));
  EXPECT_EQ(answer.molecules.size(), 3U);
  EXPECT_FALSE(answer.understood.understood);
  EXPECT_NE(answer.note.find("understood"), std::string::npos);
}

TEST(Pipeline, BadInputIsRefused) {
  EXPECT_THROW(pipeline().generate(brief("   ")), InvalidInput);
  EXPECT_THROW(pipeline().generate(brief("rose", 0)), InvalidInput);
  auto request = brief("rose");
  request.like = "C1CC(";
  EXPECT_THROW(pipeline().generate(request), InvalidInput);
  EXPECT_THROW(Pipeline({.model_folder = "/nonexistent"}), Unavailable);
}

TEST(Pipeline, NothingThatIsRefusedForSafetyComesBack) {
  for (const double threshold : {safety::kDefaultThreshold, 0.8}) {
    auto request = brief("green apple, sharp aldehydes", 10);
    request.safety_threshold = threshold;
    const auto answer = pipeline().generate(request);
    ASSERT_FALSE(answer.molecules.empty());
    for (const auto& m : answer.molecules) {
      ASSERT_TRUE(m.safety.score) << m.smiles;
      EXPECT_GE(*m.safety.score, threshold) << m.smiles;
    }
  }
}

TEST(Pipeline, WhatALowerSafetyThresholdLetsThroughIsMarked) {
  const auto acrylate = pipeline().assess(chem::Molecule::parse("C=CC(=O)OC"));
  ASSERT_TRUE(acrylate.safety.excluded());
  EXPECT_FALSE(acrylate.safety.forbidden());
  EXPECT_EQ(std::count_if(acrylate.warnings.begin(), acrylate.warnings.end(),
                          [](const std::string& w) { return w.rfind("safety: ", 0) == 0; }),
            1);
  auto request = brief("sulfurous garlic, mustard, acrid smoke", 20);
  request.safety_threshold = 0;
  for (const auto& m : pipeline().generate(request).molecules) EXPECT_FALSE(m.safety.forbidden()) << m.smiles;
}

TEST(Pipeline, NothingIsDesignedAroundAForbiddenMolecule) {
  auto request = brief("sweet musk");
  request.like = "Cc1c([N+](=O)[O-])cc([N+](=O)[O-])cc1[N+](=O)[O-]";
  EXPECT_THROW(pipeline().generate(request), InvalidInput);
  request.keep.swap(request.like);
  EXPECT_THROW(pipeline().generate(request), InvalidInput);
}

TEST(Pipeline, SaysHowAMoleculeCouldBeMade) {
  const auto ester = pipeline().assess(chem::Molecule::parse("CC(=O)OCCC(C)C"));
  EXPECT_TRUE(ester.makeability.found);
  EXPECT_GE(ester.makeability.steps, 1);
  EXPECT_GT(ester.makeability.usd_per_kg.low, 0);
}

TEST(Pipeline, ACancelledRequestStops) {
  std::atomic<bool> cancel{true};
  EXPECT_THROW(pipeline().generate(brief("rose", 1000), &cancel), Cancelled);
}

TEST(Pipeline, AssessingAKnownOdorantSaysThatItIsKnown) {
  const auto vanillin = pipeline().assess(chem::Molecule::parse("COc1cc(C=O)ccc1O"));
  EXPECT_GT(vanillin.odorous, 0.5);
  EXPECT_GT(vanillin.vapor_pressure_pa, 0);
  EXPECT_GE(vanillin.novelty, 0);
  EXPECT_EQ(vanillin.match, 0);
}

}  // namespace
}  // namespace odordiff::generate
