// Likeness by the inverted table equals likeness worked out one by one.
#include <gtest/gtest.h>

#include <unistd.h>
#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "safety/known_substances.h"

namespace odordiff::safety {
namespace {

using chem::Molecule;

class KnownSubstancesTest : public testing::Test {
 protected:
  KnownSubstancesTest()
      : folder_(std::filesystem::temp_directory_path() / ("odordiff-known-" + std::to_string(getpid()))) {
    std::filesystem::create_directories(folder_);
  }
  ~KnownSubstancesTest() override { std::filesystem::remove_all(folder_); }

  static KnownList list(const std::vector<std::string>& smiles) {
    KnownList out;
    for (const auto& s : smiles) {
      const auto mol = Molecule::parse(s);
      out.keys.push_back(known_key(mol));
      out.fingerprints.push_back(chem::morgan_bits(mol));
    }
    return out;
  }

  std::filesystem::path folder_;
};

TEST_F(KnownSubstancesTest, NearestIsTheGreatestTanimotoSimilarity) {
  const std::vector<std::string> toxins = {"c1ccccc1", "Oc1ccccc1Cl", "CCOP(=O)(OCC)OCC", "ClCCCl"};
  const std::vector<std::string> foods = {"CC(=O)OCCC(C)C", "COc1cc(C=O)ccc1O", "CCCCCC=O"};
  write_known_substances(folder_ / "safety_known.safetensors", list(toxins), list(foods));
  const KnownSubstances known(folder_);
  for (const char* smiles : {"CC(=O)OCCCC", "Oc1ccccc1", "COc1cc(C=O)ccc1O", "N"}) {
    const auto mol = Molecule::parse(smiles);
    const auto bits = chem::morgan_bits(mol);
    const auto greatest = [&](const std::vector<std::string>& others) {
      double best = 0;
      for (const auto& other : others)
        best = std::max(best, chem::tanimoto(bits, chem::morgan_bits(Molecule::parse(other))));
      return best;
    };
    const auto likeness = known.compare(mol, bits);
    EXPECT_DOUBLE_EQ(likeness.nearest_toxin, greatest(toxins)) << smiles;
    EXPECT_DOUBLE_EQ(likeness.nearest_flavouring, greatest(foods)) << smiles;
  }
  EXPECT_TRUE(known.compare(Molecule::parse("O=Cc1ccc(O)c(OC)c1"), {}).known_flavouring);
  EXPECT_FALSE(known.compare(Molecule::parse("O=Cc1ccc(O)c(OC)c1"), {}).known_toxin);
}

TEST_F(KnownSubstancesTest, AMissingOrDamagedTableIsUnavailable) {
  EXPECT_THROW(KnownSubstances{folder_}, Unavailable);
  std::ofstream(folder_ / "safety_known.safetensors") << "not a table";
  EXPECT_THROW(KnownSubstances{folder_}, Unavailable);
}

}  // namespace
}  // namespace odordiff::safety
