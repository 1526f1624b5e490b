// One substance in many writings: its plain form, its key, its tautomers, and what is computed of it.
#include "chem/substance.h"

#include <gtest/gtest.h>

#include <fstream>
#include <utility>
#include <vector>

#include "chem/descriptors.h"
#include "chem/fingerprint.h"
#include "chem/rich_descriptors.h"
#include "chem/tautomers.h"
#include "chem/wide_descriptors.h"

namespace odordiff::chem {
namespace {

std::string plain_smiles(const std::string& smiles) {
  return parse_plain(smiles).smiles();
}

TEST(Substance, ThePlainFormHasNoDecoration) {
  const std::pair<const char*, const char*> pairs[] = {
      {"[CH3:1][C:2](=[O:3])[CH3:4]", "CC(C)=O"},
      {"[13CH3]C(C)=O", "CC(C)=O"},
      {"[2H]C([2H])([2H])O[2H]", "CO"},
      {"[H]C([H])([H])C", "CC"},
      {"[2H]/C(C)=C/C", "C/C=C\\C"},
      {"*c1ccccc1", "c1ccccc1"},
      {"[*:1]C(=O)C[*:2]", "CC=O"},
      {"C*", "C"},
      {"*=C(C)C", "CCC"},
      {"CC(C)O[P+](C)([O-])F", "CC(C)OP(C)(=O)F"},
      {"C[S+](C)[O-]", "CS(C)=O"},
      {"C[S+2](C)([O-])[O-]", "CS(C)(=O)=O"},
      {"C[C+](C)[O-]", "CC(C)=O"},
      {"C[C](C)[O]", "CC(C)=O"},
      {"CC(C)~O", "CC(C)O"},
      {"CC(=O)[O-].[Na+]", "CC(=O)O"},
      {"[Na]OC(=O)CCC", "CCCC(=O)O"},
      {"CCC[NH3+].[Cl-]", "CCCN"},
      {"CCCN.OS(=O)(=O)O.O", "CCCN"},
      {"CC1=C([O-])C(=O)C(C)O1", "CC1=C(O)C(=O)C(C)O1"},
      {"CCCC=O.CCCC=O", "CCCC=O"},
      {"CCCC=O.CCO", "CCCC=O"},
      {"CCO.O", "CCO"},
      {"O=S(Cl)Cl.CCO", "O=S(Cl)Cl"},
  };
  for (const auto& [given, plain] : pairs) {
    // Canonical forms are compared, so that the table may be written as people write.
    EXPECT_EQ(plain_smiles(given), Molecule::parse(plain).smiles()) << given;
    EXPECT_EQ(plain_smiles(plain_smiles(given)), plain_smiles(given))
        << given << ": not the same when done again";
  }
}

TEST(Substance, WhatIsPlainStaysAsItWasWritten) {
  for (const char* smiles : {"OCC", "C[N+](=O)[O-]", "C[C@H](N)C(=O)O", "F/C=C/F", "[C-]#[N+]C",
                             "Cc1cc[n+]([O-])cc1", "C[N+](C)(C)CC(=O)[O-]", "CN=[N+]=[N-]"}) {
    const auto mol = Molecule::parse(smiles);
    EXPECT_EQ(plain(mol).smiles(), mol.smiles()) << smiles;
    EXPECT_EQ(plain(mol).atomic_numbers(), mol.atomic_numbers()) << smiles << ": atoms in another order";
  }
}

TEST(Substance, OtherSaltsAndMixturesStayWhatTheyAre) {
  for (const char* smiles :
       {"CC(=O)O[Pb]OC(C)=O", "[K+].[O-][Mn](=O)(=O)=O", "CCCO.CCCN", "C[N+](C)(C)C.O[N+](=O)[O-]"})
    EXPECT_NE(plain_smiles(smiles).find('.'), std::string::npos) << smiles;
  EXPECT_EQ(plain_form(Molecule::parse("CCCN.Cl.O")).parts.size(), 3U);
  EXPECT_EQ(plain_smiles("C[Hg]C"), Molecule::parse("C[Hg]C").smiles());
  EXPECT_EQ(plain_smiles("*"), "*") << "nothing would be left";
}

TEST(Substance, TheKeyKnowsNoStereo) {
  EXPECT_EQ(substance_key(Molecule::parse("C[C@H](N)C(=O)O")),
            substance_key(Molecule::parse("C[13C@@H]([NH3+])C(=O)[O-]")));
  EXPECT_NE(substance_key(Molecule::parse("CCO")), substance_key(Molecule::parse("COC")));
}

TEST(Tautomers, AnUnlastingFormIsTheSubstance) {
  const std::pair<const char*, const char*> same[] = {{"CC(C)=O", "CC(O)=C"},
                                                      {"CC(N)=O", "CC(O)=N"},
                                                      {"C[N+](=O)[O-]", "C=[N+]([O-])O"},
                                                      {"O=c1cc[nH]cc1", "Oc1ccncc1"},
                                                      {"Oc1ccccc1", "O=C1C=CC=CC1"},
                                                      {"C#N", "[C-]#[NH+]"},
                                                      {"CC1=C(O)C(=O)CC1", "CC1C(=O)C(=O)CC1"}};
  for (const auto& [a, b] : same) {
    EXPECT_TRUE(are_tautomers(Molecule::parse(a), Molecule::parse(b))) << a << " " << b;
    EXPECT_TRUE(are_tautomers(Molecule::parse(b), Molecule::parse(a))) << a << " " << b;
  }
  const std::pair<const char*, const char*> others[] = {
      {"CCCC=CC=O", "CCC=CCC=O"}, {"CC(C)=C1CCC(C)CC1=O", "CC(=C)C1CCC(C)CC1=O"}, {"CC(C)=O", "CCC=O"}};
  for (const auto& [a, b] : others) EXPECT_FALSE(are_tautomers(Molecule::parse(a), Molecule::parse(b))) << a;
}

// The structures of a shipped table, in the column of that number.
std::vector<std::string> structures(const std::string& file, int column) {
  std::ifstream in(std::string(ODORDIFF_DATA) + "/" + file);
  std::vector<std::string> out;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line.front() == '#') continue;
    std::size_t begin = 0;
    for (int i = 0; i < column; ++i) begin = line.find('\t', begin) + 1;
    out.push_back(line.substr(begin, line.find('\t', begin) - begin));
  }
  return out;
}

TEST(Writings, WhatIsComputedDoesNotDependOnTheOrderOfTheAtoms) {
  auto all = structures("synthesis/blocks.tsv", 0);
  for (const char* list : {"safety/controlled.tsv", "safety/eu.tsv", "safety/ifra.tsv", "safety/us.tsv"}) {
    for (auto& smiles : structures(list, 5)) all.push_back(std::move(smiles));
  }
  // Found to depend on it before.
  all.insert(all.end(), {"C1CO1", "CC(C)C1CCC2(C)C3CC=C(C)C2C13"});
  std::size_t compared = 0, written_so_far = 0;
  constexpr std::size_t kStride = 6;  // each takes tens of milliseconds
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& smiles = all[i];
    if (i + 2 < all.size() && i % kStride != 0) continue;
    const auto written = Molecule::try_parse(smiles);
    if (!written) continue;  // a family's pattern
    const auto mol = Molecule::parse(written->flat_smiles());
    const std::string text = random_smiles(mol, written_so_far, written_so_far % 2 == 0);
    ++written_so_far;
    const auto again = Molecule::parse(text);
    if (again.smiles() != mol.smiles()) continue;
    ++compared;
    const std::string where = smiles + " as " + text;
    EXPECT_EQ(descriptor_vector(again), descriptor_vector(mol)) << where;
    EXPECT_EQ(rich_descriptor_vector(again), rich_descriptor_vector(mol)) << where;
    EXPECT_EQ(wide_descriptor_vector(again), wide_descriptor_vector(mol)) << where;
    EXPECT_EQ(morgan_counts(again, 2, 1024), morgan_counts(mol, 2, 1024)) << where;
    EXPECT_EQ(atom_pair_torsion_counts(again, 1024), atom_pair_torsion_counts(mol, 1024)) << where;
    EXPECT_EQ(path_counts(again, 1024), path_counts(mol, 1024)) << where;
    EXPECT_EQ(feature_morgan_counts(again, 2, 1024), feature_morgan_counts(mol, 2, 1024)) << where;
  }
  EXPECT_GT(compared, 150U);
}

TEST(Writings, MatchedAtomsAreThoseOfTheWriting) {
  const auto mol = Molecule::parse("O=C(C)CCO");
  EXPECT_EQ(mol.match("[OX2H]"), (std::vector<std::vector<int>>{{5}}));
  EXPECT_EQ(mol.match("C=O"), (std::vector<std::vector<int>>{{1, 0}}));
}

}  // namespace
}  // namespace odordiff::chem
