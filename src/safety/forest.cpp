#include "safety/forest.h"

#include <algorithm>

#include "base/error.h"

namespace odordiff::safety {

Forest::Forest(const nn::SafeTensors& file, std::size_t features, std::size_t outputs)
    : nodes_(file.at("forest.nodes").i64()),
      leaves_(file.at("forest.leaves").i8()),
      first_node_(file.at("forest.first_node").i64()),
      first_leaf_(file.at("forest.first_leaf").i64()) {
  const auto damaged = [&](const char* what) {
    return Unavailable("damaged forest in " + file.path().string() + ": " + what);
  };
  const auto trees = first_node_.size();
  if (trees == 0 || first_leaf_.size() != trees || leaves_.size() % outputs != 0)
    throw damaged("its tables disagree");
  const auto leaf_count = static_cast<std::int64_t>(leaves_.size() / outputs);
  for (std::size_t t = 0; t < trees; ++t) {
    const auto begin = first_node_[t],
               end = t + 1 < trees ? first_node_[t + 1] : static_cast<std::int64_t>(nodes_.size());
    const auto leaf_end = t + 1 < trees ? first_leaf_[t + 1] : leaf_count;
    if (begin < 0 || end <= begin || end > static_cast<std::int64_t>(nodes_.size()) || first_leaf_[t] < 0 ||
        leaf_end < first_leaf_[t] || leaf_end > leaf_count) {
      throw damaged("a tree is out of place");
    }
    for (auto i = begin; i < end; ++i) {
      const auto node = static_cast<std::uint64_t>(nodes_[static_cast<std::size_t>(i)]);
      const std::int64_t next = forest_node::next(node);
      const bool good =
          forest_node::feature(node) == forest_node::kLeaf
              ? next < leaf_end - first_leaf_[t]
              // Forwards only, so that no walk goes in circles.
              : next > i - begin && next + 1 < end - begin && forest_node::feature(node) < features;
      if (!good) throw damaged("a node points outside its tree");
    }
  }
}

void Forest::predict(std::span<const float> x, std::span<float> out) const {
  std::fill(out.begin(), out.end(), 0.0F);
  const float share = 1.0F / (127.0F * static_cast<float>(first_node_.size()));
  for (std::size_t t = 0; t < first_node_.size(); ++t) {
    const std::int64_t* tree = nodes_.data() + first_node_[t];
    auto node = static_cast<std::uint64_t>(tree[0]);
    while (forest_node::feature(node) != forest_node::kLeaf) {
      const bool right = x[forest_node::feature(node)] > forest_node::threshold(node);
      node = static_cast<std::uint64_t>(tree[forest_node::next(node) + static_cast<std::uint32_t>(right)]);
    }
    const auto row = static_cast<std::size_t>(first_leaf_[t] + forest_node::next(node)) * out.size();
    for (std::size_t k = 0; k < out.size(); ++k) out[k] += share * static_cast<float>(leaves_[row + k]);
  }
}

}  // namespace odordiff::safety
