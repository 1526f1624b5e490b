// Molecules found again by their InChIKey.
#include "generate/seen_molecules.h"

#include <gtest/gtest.h>

#include <string>

namespace odordiff::generate {
namespace {

TEST(SeenMolecules, KeepTheLatestAndForgetTheRest) {
  SeenMolecules seen(10);
  EXPECT_EQ(seen.smiles_of("K"), std::nullopt);
  for (int i = 0; i < 100; ++i) {
    const std::string number = std::to_string(i);
    seen.add("KEY-" + number, std::string(static_cast<std::size_t>(i + 1), 'C'));
    for (int back = 0; back < 10 && back <= i; ++back) {
      EXPECT_EQ(seen.smiles_of("KEY-" + std::to_string(i - back)),
                std::string(static_cast<std::size_t>(i - back + 1), 'C'));
    }
    if (i >= 20) {
      EXPECT_EQ(seen.smiles_of("KEY-" + std::to_string(i - 20)), std::nullopt);
    }
  }
}

}  // namespace
}  // namespace odordiff::generate
