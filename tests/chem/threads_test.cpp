// One molecule, many readers: whatever threads do at once gives what one thread gives alone.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "chem/depict.h"
#include "chem/descriptors.h"
#include "chem/fingerprint.h"
#include "chem/molecule.h"

namespace odordiff::chem {
namespace {

constexpr int kThreads = 8;
constexpr int kRounds = 25;

// All that can be said about a molecule, as one string.
std::string describe(const Molecule& mol) {
  std::string out =
      mol.smiles() + mol.flat_smiles() + mol.formula() + mol.neutral_largest_fragment().smiles();
  try {
    out += mol.inchi() + mol.inchikey();
  } catch (const std::exception& e) {
    out += e.what();
  }
  for (const float value : descriptor_vector(mol)) out += std::to_string(value) + ' ';
  for (const auto& [bin, count] : atom_pair_torsion_counts(mol)) out += std::to_string(bin * count) + ' ';
  for (const auto& prefix : growing_prefixes(mol, 1)) out += prefix + ' ';
  out += std::to_string(properties(mol).stereocenters) + random_smiles(mol, 3, true) + depict_svg(mol);
  return out + mol_block(mol, "") + std::to_string(mol.match("[$(C=O),$(c[OX2])]").size());
}

TEST(Threads, ShareMoleculesAndPatterns) {
  const std::vector<std::string> texts = {"COc1cc(C=O)ccc1O", "CC1=CC[C@@H](CC1)C(C)=C", "CC(=O)[O-].[Na+]",
                                          "CC/C=C\\CCO"};
  std::vector<Molecule> shared;
  std::vector<std::string> expected;
  for (const auto& text : texts) {
    shared.push_back(Molecule::parse(text));
    expected.push_back(describe(Molecule::parse(text)));
  }
  const Pattern pattern("[$([CX4][OX2H]),$([CX3]=O)]");
  const auto matches = pattern.match(shared[0]);
  std::atomic<int> wrong{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (int round = 0; round < kRounds; ++round) {
          const auto i = static_cast<std::size_t>(round + t) % texts.size();
          if (describe(shared[i]) != expected[i]) ++wrong;
          if (describe(Molecule::parse(texts[i])) != expected[i]) ++wrong;
          if (Molecule::try_parse("C1CC(").has_value()) ++wrong;
          if (pattern.match(shared[0]) != matches) ++wrong;
        }
      });
    }
  }
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace odordiff::chem
