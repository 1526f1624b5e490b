// Trees as they stand in a file: the walk, and what a damaged table is answered with.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "base/error.h"
#include "safety/forest.h"

namespace odordiff::safety {
namespace {

class ForestTest : public testing::Test {
 protected:
  ForestTest()
      : file_(std::filesystem::temp_directory_path() /
              ("odordiff-forest-" + std::to_string(getpid()) + ".safetensors")) {}
  ~ForestTest() override { std::filesystem::remove(file_); }

  // Two trees of two outputs: one asks feature 1 against 0.5, the other is a leaf.
  nn::SafeTensors write(std::uint64_t root = forest_node::pack(0.5F, 1, 1)) {
    nodes_ = {static_cast<std::int64_t>(root),
              static_cast<std::int64_t>(forest_node::pack(0, forest_node::kLeaf, 0)),
              static_cast<std::int64_t>(forest_node::pack(0, forest_node::kLeaf, 1)),
              static_cast<std::int64_t>(forest_node::pack(0, forest_node::kLeaf, 0))};
    leaves_ = {127, 0, 0, 127, 127, 127};
    first_node_ = {0, 3};
    first_leaf_ = {0, 2};
    const auto view = [](const auto& v, nn::DType type, std::vector<std::int64_t> shape) {
      return nn::TensorView{type, std::move(shape), std::as_bytes(std::span(v))};
    };
    nn::write_safetensors(file_, {{"forest.nodes", view(nodes_, nn::DType::I64, {4})},
                                  {"forest.leaves", view(leaves_, nn::DType::I8, {3, 2})},
                                  {"forest.first_node", view(first_node_, nn::DType::I64, {2})},
                                  {"forest.first_leaf", view(first_leaf_, nn::DType::I64, {2})}});
    return nn::SafeTensors(file_);
  }

  std::filesystem::path file_;
  std::vector<std::int64_t> nodes_, first_node_, first_leaf_;
  std::vector<std::int8_t> leaves_;
};

TEST_F(ForestTest, EachTreeIsWalkedToItsLeafAndTheLeavesAveraged) {
  const auto file = write();
  const Forest forest(file, 2, 2);
  std::array<float, 2> out{};
  forest.predict(std::array{9.0F, 0.5F}, out);  // at most the threshold: left
  EXPECT_FLOAT_EQ(out[0], 1);
  EXPECT_FLOAT_EQ(out[1], 0.5F);
  forest.predict(std::array{9.0F, 0.6F}, out);
  EXPECT_FLOAT_EQ(out[0], 0.5F);
  EXPECT_FLOAT_EQ(out[1], 1);
}

TEST_F(ForestTest, NodesThatPointAnywhereElseAreRefused) {
  for (const auto root : {forest_node::pack(0.5F, 1, 0), forest_node::pack(0.5F, 1, 2),
                          forest_node::pack(0.5F, 7, 1), forest_node::pack(0, forest_node::kLeaf, 2)}) {
    const auto file = write(root);
    EXPECT_THROW(Forest(file, 2, 2), Unavailable);
  }
}

}  // namespace
}  // namespace odordiff::safety
