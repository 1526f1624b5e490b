// Fingerprints and their similarity.
#include "chem/fingerprint.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <vector>

#include "base/error.h"
#include "shared_data.h"

namespace odordiff::chem {
namespace {

BitFingerprint bits(const std::string& smiles) {
  return morgan_bits(Molecule::parse(smiles));
}

TEST(Fingerprint, CountsAreSortedFoldedAndPositive) {
  const auto mol = Molecule::parse("COc1cc(C=O)ccc1O");
  for (const std::uint32_t bins : {64U, 2048U, 1U << 20}) {
    for (const auto& counts :
         {morgan_counts(mol, 2, bins), atom_pair_torsion_counts(mol, bins), path_counts(mol, bins)}) {
      ASSERT_FALSE(counts.empty());
      EXPECT_TRUE(std::is_sorted(counts.begin(), counts.end()));
      EXPECT_LT(counts.back().first, bins);
      for (const auto& [bin, count] : counts) EXPECT_GT(count, 0) << bin;
    }
  }
}

TEST(Fingerprint, RadiusZeroCountsEachAtomOnce) {
  int total = 0;
  for (const auto& [bin, count] : morgan_counts(Molecule::parse("CCCCCCO"), 0)) total += count;
  EXPECT_EQ(total, 7);
}

TEST(Fingerprint, DoesNotDependOnTheWriting) {
  const auto a = Molecule::parse("COc1cc(C=O)ccc1O");
  const auto b = Molecule::parse("O=CC1=CC(OC)=C(O)C=C1");
  EXPECT_EQ(morgan_counts(a), morgan_counts(b));
  EXPECT_EQ(atom_pair_torsion_counts(a), atom_pair_torsion_counts(b));
  EXPECT_EQ(path_counts(a), path_counts(b));
}

TEST(Fingerprint, PathsAreCountedByTheirBonds) {
  EXPECT_TRUE(path_counts(Molecule::parse("C")).empty());
  std::vector<int> counts;
  for (const auto& [bin, count] : path_counts(Molecule::parse("CCCC"))) counts.push_back(count);
  std::sort(counts.begin(), counts.end());
  EXPECT_EQ(counts, (std::vector{1, 2, 3}));  // of three bonds, two and one
}

TEST(Fingerprint, RefusesBinsThatAreNoPowerOfTwo) {
  const auto mol = Molecule::parse("CCO");
  EXPECT_THROW(morgan_counts(mol, 2, 1000), InvalidInput);
  EXPECT_THROW(atom_pair_torsion_counts(mol, 0), InvalidInput);
  EXPECT_THROW(path_counts(mol, 3), InvalidInput);
  EXPECT_THROW(morgan_counts(mol, -1), InvalidInput);
}

TEST(Tanimoto, IsOneForItselfSymmetricAndWithinZeroAndOne) {
  auto subjects = shared_smiles(2000);
  for (const auto* smiles : {"CCO", "c1ccccc1", "CC(C)=CCCC(C)(O)C=C", "O"}) subjects.emplace_back(smiles);
  for (const auto& a : subjects) {
    EXPECT_DOUBLE_EQ(tanimoto(bits(a), bits(a)), 1.0);
    for (std::size_t i = 0; i < subjects.size(); i += 7) {
      const double there = tanimoto(bits(a), bits(subjects[i]));
      EXPECT_DOUBLE_EQ(there, tanimoto(bits(subjects[i]), bits(a)));
      EXPECT_GE(there, 0.0);
      EXPECT_LE(there, 1.0);
    }
  }
}

TEST(Tanimoto, RanksAHomologueAboveAStranger) {
  EXPECT_GT(tanimoto(bits("CCCCCCC=O"), bits("CCCCCCCC=O")), tanimoto(bits("CCCCCCC=O"), bits("c1ccccc1O")));
}

TEST(Tanimoto, IsZeroBetweenEmptyFingerprints) {
  EXPECT_DOUBLE_EQ(tanimoto({}, {}), 0.0);
}

}  // namespace
}  // namespace odordiff::chem
