// Grows the trees of scent/forest.h: extremely randomised trees (Geurts, Ernst & Wehenkel, Mach. Learn. 63
// (2006) 3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace odordiff::train {

struct ForestOptions {
  std::size_t trees = 300;
  double feature_share = 0.3;        // of the features, tried at each split
  std::ptrdiff_t least_samples = 2;  // of a leaf
  std::uint64_t seed = 1;
};

struct ForestSample {
  std::vector<float> features;
  bool positive = false;
  double weight = 1;
};

// The tensors of scent::Forest, all as floats.
struct GrownForest {
  std::vector<float> roots, feature, value, left;
  double share(const std::vector<float>& features) const;
};

GrownForest grow_forest(const std::vector<ForestSample>& samples, const ForestOptions& options);

}  // namespace odordiff::train
