// A forest of decision trees with several outputs, as it stands in a weights file.
#pragma once

#include <bit>
#include <cstdint>
#include <span>

#include "nn/safetensors.h"

namespace odordiff::safety {

// One node in 64 bits: the threshold (an IEEE float) above, then 12 bits of feature and 20 bits of `next`. An
// inner node goes to node `next` of its tree when the feature is at most the threshold, else to `next` + 1; a
// leaf has feature 4,095 and `next` is its row among the tree's leaves.
namespace forest_node {
inline constexpr std::uint32_t kLeaf = 4095, kMostNext = (1U << 20) - 1;
constexpr std::uint64_t pack(float threshold, std::uint32_t feature, std::uint32_t next) {
  return std::uint64_t{std::bit_cast<std::uint32_t>(threshold)} << 32 | std::uint64_t{feature} << 20 | next;
}
constexpr float threshold(std::uint64_t node) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(node >> 32));
}
constexpr std::uint32_t feature(std::uint64_t node) {
  return static_cast<std::uint32_t>(node >> 20) & kLeaf;
}
constexpr std::uint32_t next(std::uint64_t node) {
  return static_cast<std::uint32_t>(node) & kMostNext;
}
}  // namespace forest_node

class Forest {
 public:
  // Tensors forest.nodes (i64 whose bits are read as u64), forest.leaves (i8, [leaves, outputs], probability
  // times 127), and forest.first_node and forest.first_leaf (i64, where each tree begins). Views into `file`,
  // which must outlive it. Throws Unavailable when a node points outside its tree.
  Forest(const nn::SafeTensors& file, std::size_t features, std::size_t outputs);

  // Mean over the trees; x [features], out [outputs].
  void predict(std::span<const float> x, std::span<float> out) const;

 private:
  std::span<const std::int64_t> nodes_;
  std::span<const std::int8_t> leaves_;
  std::span<const std::int64_t> first_node_, first_leaf_;
};

}  // namespace odordiff::safety
