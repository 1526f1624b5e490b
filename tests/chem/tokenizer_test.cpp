// SMILES to tokens and back.
#include "chem/tokenizer.h"

#include <gtest/gtest.h>

#include <set>

#include "base/error.h"
#include "shared_data.h"

namespace odordiff::chem {
namespace {

TEST(Tokenizer, GivesBackEveryMoleculeOfTheDataByteForByte) {
  const auto all = shared_smiles();
  if (all.empty()) GTEST_SKIP() << "no molecules.smi.gz";
  std::vector<TokenId> tokens;
  for (const auto& smiles : all) {
    ASSERT_TRUE(Tokenizer::try_encode(smiles, tokens)) << smiles;
    ASSERT_EQ(Tokenizer::decode(tokens), smiles);
  }
}

TEST(Tokenizer, TakesTheLongestTokenFirst) {
  EXPECT_EQ(Tokenizer::encode("CCl").size(), 2U);
  EXPECT_EQ(Tokenizer::encode("c1cc[nH]c1").size(), 7U);
  EXPECT_EQ(Tokenizer::encode("C[C@@H](N)Br").size(), 6U);
}

TEST(Tokenizer, WritesRareAtomsFromPieces) {
  const std::string smiles = "[Na+].[13CH3][Si](C)(C)%12CC%12";
  EXPECT_EQ(Tokenizer::decode(Tokenizer::encode(smiles)), smiles);
}

TEST(Tokenizer, HasNoWordTwiceAndKeepsTheMarkersFirst) {
  const auto& words = Tokenizer::vocabulary();
  EXPECT_EQ(std::set<std::string_view>(words.begin(), words.end()).size(), words.size());
  EXPECT_EQ(words[Tokenizer::kMask], "<mask>");
  EXPECT_EQ(words[Tokenizer::kUnknown], "<unk>");
}

TEST(Tokenizer, NamesThePlaceOfACharacterItCannotRead) {
  try {
    Tokenizer::encode("CC?O");
    FAIL() << "no error";
  } catch (const InvalidInput& e) {
    EXPECT_NE(std::string(e.what()).find("position 3"), std::string::npos) << e.what();
  }
}

TEST(Tokenizer, ReadsNoMarkerFromText) {
  std::vector<TokenId> tokens;
  EXPECT_FALSE(Tokenizer::try_encode("<mask>", tokens));
}

}  // namespace
}  // namespace odordiff::chem
