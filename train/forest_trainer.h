// Grows extremely randomised trees (Geurts, Ernst & Wehenkel, Machine Learning 2006, 63, 3) with several
// outputs, some of which may be unknown for a sample.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace odordiff::train {

struct ForestData {
  std::span<const float> features;  // [samples, width]
  std::span<const float> labels;    // [samples, outputs], 0 or 1
  std::span<const float> known;     // [samples, outputs], 0 where the label is not known
  std::size_t width = 0, outputs = 0;
};

struct ForestSettings {
  int trees = 90;
  int least_leaf = 4;   // samples
  int candidates = 64;  // random splits tried at a node
  double prior = 2;     // samples' worth of the parent's mean that smooth a leaf
  std::uint64_t seed = 1;
};

// As src/safety/forest.h reads it.
struct GrownForest {
  std::vector<std::uint64_t> nodes;
  std::vector<std::int8_t> leaves;
  std::vector<std::int64_t> first_node, first_leaf;
};
GrownForest grow_forest(const ForestData& data, std::span<const std::int64_t> rows,
                        const ForestSettings& settings);

}  // namespace odordiff::train
