// Known odorants as starting points: those that smell as wanted come first, and a library that cannot be
// trusted is refused by name.
#include "generate/odorant_library.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "base/sha256.h"
#include "chem/implausible.h"
#include "generate/starting_points.h"
#include "model/resources.h"
#include "safety/assessor.h"

namespace odordiff::generate {
namespace {

namespace fs = std::filesystem;

std::size_t index(const char* name) {
  return scent::descriptor_index(name).value();
}

LibraryOdorant odorant(const char* smiles, std::int64_t kin,
                       std::initializer_list<std::pair<const char*, float>> smells) {
  LibraryOdorant out{smiles, {}, kin};
  for (const auto& [name, p] : smells) out.probabilities[index(name)] = p;
  return out;
}

std::vector<float> base_rates() {
  return std::vector<float>(scent::kDescriptors, 0.05F);
}

scent::DescriptorVector wanted(std::initializer_list<std::pair<const char*, float>> weights) {
  scent::DescriptorVector out{};
  for (const auto& [name, w] : weights) out[index(name)] = w;
  return out;
}

class LibraryTest : public testing::Test {
 protected:
  void SetUp() override {
    folder = fs::temp_directory_path() / ("odordiff-library-" + std::to_string(::getpid()));
    fs::create_directories(folder);
    write({odorant("CC(=O)OCCC(C)C", 0, {{"banana", 0.9F}, {"sweet", 0.6F}}),
           odorant("CC(=O)OCCCCC", 1, {{"banana", 0.5F}, {"sweet", 0.9F}}),
           odorant("COc1cc(C=O)ccc1O", 2, {{"vanilla", 0.9F}, {"sweet", 0.9F}}),
           odorant("CCCCCCCC=O", 3, {{"aldehydic", 0.9F}})});
  }
  void TearDown() override { fs::remove_all(folder); }

  void write(const std::vector<LibraryOdorant>& odorants) const {
    write_odorant_library(folder / "odorants.safetensors", odorants);
  }
  OdorantLibrary library() const { return OdorantLibrary(folder); }
  std::string fault() const {
    try {
      (void)library();
    } catch (const Unavailable& error) {
      return error.what();
    }
    return {};
  }

  fs::path folder;
};

TEST_F(LibraryTest, GivesWhatSmellsMostAsWantedFirst) {
  const auto best = library().best(wanted({{"banana", 1}}), base_rates(), 4, 1);
  EXPECT_EQ(best, (std::vector<std::size_t>{0, 1})) << "and leaves out what does not smell so at all";
  EXPECT_EQ(library().best(wanted({{"banana", 1}, {"sweet", -1}}), base_rates(), 1, 1),
            (std::vector<std::size_t>{0}));
}

TEST_F(LibraryTest, TheMaterialComesBeforeItsQualities) {
  const auto weights = wanted({{"vanilla", 1}, {"aldehydic", 1}, {"sweet", 1}});
  EXPECT_EQ(library().best(weights, base_rates(), 1, 0.2), (std::vector<std::size_t>{2}));
  const auto qualities = wanted({{"aldehydic", 1}, {"sweet", 0.2F}});
  EXPECT_EQ(library().best(qualities, base_rates(), 1, 0).front(), 3U) << "without a material all count";
}

TEST_F(LibraryTest, HasNothingForWhatNoOdorantSmellsOfAndForRefusalsAlone) {
  EXPECT_TRUE(library().best(wanted({{"violet", 1}}), base_rates(), 3, 1).empty());
  EXPECT_TRUE(library().best(wanted({{"sweet", -1}}), base_rates(), 3, 1).empty());
  EXPECT_TRUE(library().best({}, base_rates(), 3, 1).empty());
}

TEST_F(LibraryTest, OfNearCopiesOnlyAFewAreTaken) {
  std::vector<LibraryOdorant> odorants(9, odorant("CC(=O)OCCC(C)C", 0, {{"banana", 0.9F}}));
  odorants.push_back(odorant("CCCCCCCC=O", 9, {{"banana", 0.3F}}));
  write(odorants);
  const auto best = library().best(wanted({{"banana", 1}}), base_rates(), 6, 1);
  EXPECT_EQ(best, (std::vector<std::size_t>{0, 1, 2, 9}));
}

TEST_F(LibraryTest, AMissingOrOlderFileIsNamed) {
  EXPECT_EQ(fault(), "");
  const std::int64_t older = 0;
  nn::write_safetensors(folder / "odorants.safetensors",
                        {{"format", {nn::DType::I64, {1}, std::as_bytes(std::span(&older, 1))}}});
  EXPECT_NE(fault().find("odorants.safetensors: is of another format"), std::string::npos) << fault();
  fs::remove(folder / "odorants.safetensors");
  EXPECT_NE(fault().find("odorants.safetensors"), std::string::npos) << fault();
}

TEST_F(LibraryTest, AShareOfTheSamplesStartsAtOdorantsWhateverTheRoundsAndThreads) {
  const model::Retrieval settings{
      .share = 0.5, .samples = 1, .starts = 3, .keep_low = 0.4, .keep_high = 0.8, .quality_weight = 0.4};
  const StartingPoints starts(library(), settings, {0, 2}, 7, 42);
  Helpers alone(1), many(4);
  const auto whole = starts.prefixes(0, 40, alone);
  std::size_t pinned = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    pinned += whole[i].empty() ? 0 : 1;
    EXPECT_EQ(starts.descent(i, {}).has_value(), !whole[i].empty()) << i;
  }
  EXPECT_EQ(pinned, 20U);
  const auto later = starts.prefixes(24, 16, many);
  for (std::size_t i = 24; i < 40; ++i) EXPECT_EQ(later[i % 16], whole[i]) << i;
}

TEST(ShippedLibrary, HoldsNothingForbiddenOrStruckOut) {
  const fs::path model = ODORDIFF_MODEL_FOLDER;
  const OdorantLibrary library(model);
  const safety::SafetyAssessor safety(model::data_path(model, "safety"), model);
  std::set<std::string_view> distinct;
  for (std::size_t i = 0; i < library.size(); ++i) {
    const auto mol = chem::Molecule::parse(std::string(library.smiles(i)));
    EXPECT_TRUE(distinct.insert(library.smiles(i)).second);
    EXPECT_FALSE(safety.forbids(mol)) << library.smiles(i);
    EXPECT_EQ(chem::implausible_structure(mol), "") << library.smiles(i);
  }
}

}  // namespace
}  // namespace odordiff::generate
