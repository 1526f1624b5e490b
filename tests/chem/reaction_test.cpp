// Reaction templates: what they give, what they refuse, and that nothing gets lost or doubled.
#include "chem/reaction.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <thread>

#include "base/error.h"
#include "shared_data.h"

namespace odordiff::chem {
namespace {

constexpr const char* kEster =
    "[CX3:1](=[O:2])-!@[OX2:3]-[CX4:4]>>[C:1](=[O:2])O.[O:3][C:4]";  // product >> acid and alcohol

std::vector<std::string> smiles_of(const Reaction::Outcome& outcome) {
  std::vector<std::string> out;
  for (const auto& mol : outcome) out.push_back(mol.smiles());
  return out;
}

TEST(Reaction, GivesTheMoleculesOfTheTemplateInItsOrder) {
  const auto outcomes = Reaction(kEster).run(Molecule::parse("CC(C)CCOC(C)=O"));
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ(smiles_of(outcomes[0]), (std::vector<std::string>{"CC(=O)O", "CC(C)CCO"}));
}

TEST(Reaction, RunsForwardsWithTwoMolecules) {
  const Reaction forward("[C:1](=[O:2])[OX2H1].[CX4:3][OX2H1:4]>>[C:1](=[O:2])[O:4][C:3]", 2);
  const auto outcomes = forward.run({Molecule::parse("CC(=O)O"), Molecule::parse("CCO")});
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ(smiles_of(outcomes[0]), std::vector<std::string>{"CCOC(C)=O"});
}

TEST(Reaction, GivesEachOutcomeOnceForASymmetricMolecule) {
  EXPECT_EQ(Reaction(kEster).run(Molecule::parse("CC(=O)OCCOC(C)=O")).size(), 1U);
}

TEST(Reaction, GivesNothingWhereItDoesNotApply) {
  const Reaction ester(kEster);
  EXPECT_FALSE(ester.applies(Molecule::parse("CCO")));
  EXPECT_TRUE(ester.run(Molecule::parse("CCO")).empty());
}

TEST(Reaction, NeverDoublesAtomsAcrossARing) {
  // Without "!@" this template meets the lactone's ring bond, and either half would be the whole chain.
  const Reaction careless("[CX3:1](=[O:2])-[OX2:3]-[CX4:4]>>[C:1](=[O:2])O.[O:3][C:4]");
  EXPECT_TRUE(careless.run(Molecule::parse("O=C1CCCCO1")).empty());
  const Reaction ring("[CX3:1](=[O:2])-@[OX2:3]-@[CX4:4]>>([C:1](=[O:2])O.[O:3][C:4])");
  ASSERT_EQ(ring.run(Molecule::parse("O=C1CCCCO1")).size(), 1U);
  EXPECT_EQ(ring.run(Molecule::parse("O=C1CCCCO1"))[0][0].smiles(), "O=C(O)CCCCO");
}

TEST(Reaction, LeavesOutWhatIsNoMolecule) {
  EXPECT_TRUE(Reaction("[C:1]O>>[C:1](C)(C)(C)(C)O").run(Molecule::parse("CCO")).empty());
}

TEST(Reaction, CanMakeAndBreakAromaticRings) {
  const Reaction hydrogenation(
      "[CX4:1]1[CX4:2][CX4:3][CX4:4][CX4:5][CX4:6]1>>[c:1]1[c:2][c:3][c:4][c:5][c:6]1");
  const auto outcomes = hydrogenation.run(Molecule::parse("CC1CCCCC1"));
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ(outcomes[0][0].smiles(), "Cc1ccccc1");
}

TEST(Reaction, DropsWhatTheFilterRefuses) {
  const auto wanted = skeleton_key(Molecule::parse("CC(=O)O"));
  const auto only_acetic = [&](std::uint64_t key) { return key == wanted; };
  EXPECT_TRUE(Reaction(kEster).run(Molecule::parse("CC(C)CCOC(C)=O"), 64, only_acetic).empty());
  const Reaction acid("[CX3:1](=[O:2])[OX2:3][CH3]>>[C:1](=[O:2])[O:3]");
  EXPECT_EQ(acid.run(Molecule::parse("COC(C)=O"), 64, only_acetic).size(), 1U);
}

TEST(Reaction, RefusesABadTemplate) {
  for (const char* smarts : {"", "C", ">>", "[C:1]>>", "[C:1]>>[C:2]", "[C:1][C:1]>>[C:1]", "[C:1>>[C:1]",
                             "[C:1].[O:2]>>[C:1][O:2]"}) {
    EXPECT_THROW(Reaction{smarts}, InvalidInput) << smarts;
  }
}

TEST(Reaction, ServesManyThreads) {
  const Reaction ester(kEster);
  const Molecule mol = Molecule::parse("CCCCCC(=O)OCC=C(C)CCC=C(C)C");
  const auto expected = smiles_of(ester.run(mol).at(0));
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) EXPECT_EQ(smiles_of(ester.run(mol).at(0)), expected);
    });
  }
  for (auto& thread : threads) thread.join();
}

TEST(SkeletonKey, SeesElementsAndBondsButNotBondOrders) {
  const auto key = [](const char* smiles) { return skeleton_key(Molecule::parse(smiles)); };
  EXPECT_EQ(key("CCO"), key("OCC"));
  EXPECT_EQ(key("c1ccccc1"), key("C1CCCCC1"));
  EXPECT_EQ(key("C/C=C/C=O"), key("CCCC=O"));
  EXPECT_NE(key("CCO"), key("COC"));
  EXPECT_NE(key("CCCCO"), key("CC(C)CO"));
  EXPECT_NE(key("CCO"), key("CCS"));
}

std::vector<std::string> table_patterns(const std::string& file, std::size_t field) {
  std::ifstream in(ODORDIFF_TEST_DIR "/../../data/synthesis/" + file);
  std::vector<std::string> out;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    for (std::size_t i = 0; i < field; ++i) line.erase(0, line.find('\t') + 1);
    const std::string smarts = line.substr(0, line.find('\t'));
    if (smarts.find("].[") == std::string::npos && smarts.find(").") == std::string::npos)
      out.push_back(smarts);
  }
  return out;
}

// A pattern inside "$()" asks for the same, but a search for it cannot be skipped by what its atoms and bonds
// need.
TEST(Pattern, SkipsNoSearchThatWouldHaveMatched) {
  std::vector<std::string> patterns = table_patterns("groups.tsv", 1);
  for (auto& smarts : table_patterns("refused.tsv", 0)) patterns.push_back(std::move(smarts));
  for (const char* smarts :
       {"C=C", "C=,:C", "C~C", "[#6]=!@[#6]", "[C,O]=O", "[!#6]=O", "C#C", "[c,C]1ccccc1", "[#7;!$(N=O)]",
        "[nH]1cccc1", "c:c-[O,S]", "[Cl,Br]", "[!C]", "*=*", "[C;!r3]=[O,S]", "[R]1[R][R]1", "[!c]1ccccc1"}) {
    patterns.emplace_back(smarts);
  }
  ASSERT_GT(patterns.size(), 60U);
  std::vector<Molecule> molecules;
  std::ifstream reference(ODORDIFF_TEST_DIR "/sa_reference.tsv");
  std::string smiles;
  for (double score = 0; reference >> smiles >> score;) molecules.push_back(Molecule::parse(smiles));
  for (const auto& text : shared_smiles(500)) molecules.push_back(Molecule::parse(text));
  molecules.push_back(Molecule::parse("C12C3C4C1C5C2C3C45"));
  molecules.push_back(Molecule::parse("C1CC1.C1CC1.[Na+].[Cl-]"));
  for (const auto& smarts : patterns) {
    const Pattern plain(smarts);
    const Pattern hidden("[$(" + smarts + ")]");
    for (const auto& mol : molecules) {
      ASSERT_EQ(plain.matches(mol), hidden.matches(mol)) << smarts << " on " << mol.smiles();
      ASSERT_EQ(plain.match(mol).empty(), !plain.matches(mol)) << smarts << " on " << mol.smiles();
    }
  }
}

}  // namespace
}  // namespace odordiff::chem
