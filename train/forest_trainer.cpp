#include "forest_trainer.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/rng.h"
#include "safety/forest.h"

namespace odordiff::train {
namespace {

namespace fn = safety::forest_node;

class Grower {
 public:
  Grower(const ForestData& data, const ForestSettings& settings, std::vector<std::int64_t> rows, Rng rng,
         const std::vector<double>& weight, GrownForest& out)
      : data_(data), settings_(settings), rows_(std::move(rows)), rng_(rng), weight_(weight), out_(out) {}

  void grow(const std::vector<double>& prior) {
    first_node_ = out_.nodes.size();
    first_leaf_ = out_.leaves.size() / data_.outputs;
    out_.first_node.push_back(static_cast<std::int64_t>(first_node_));
    out_.first_leaf.push_back(static_cast<std::int64_t>(first_leaf_));
    out_.nodes.push_back(0);
    node(0, 0, rows_.size(), prior);
  }

 private:
  struct Sums {
    std::vector<double> count, positive;
    explicit Sums(std::size_t outputs) : count(outputs, 0), positive(outputs, 0) {}
  };

  float feature(std::int64_t row, std::size_t k) const {
    return data_.features[static_cast<std::size_t>(row) * data_.width + k];
  }

  void add(Sums& sums, std::int64_t row) const {
    const std::size_t at = static_cast<std::size_t>(row) * data_.outputs;
    for (std::size_t o = 0; o < data_.outputs; ++o) {
      sums.count[o] += static_cast<double>(data_.known[at + o]);
      sums.positive[o] += static_cast<double>(data_.known[at + o] * data_.labels[at + o]);
    }
  }

  // Weighted squares of means: what a split wants to be large.
  double purity(const Sums& sums) const {
    double out = 0;
    for (std::size_t o = 0; o < data_.outputs; ++o) {
      if (sums.count[o] > 0) out += weight_[o] * sums.positive[o] * sums.positive[o] / sums.count[o];
    }
    return out;
  }

  void node(std::size_t self, std::size_t begin, std::size_t end, const std::vector<double>& prior) {
    Sums all(data_.outputs);
    for (std::size_t i = begin; i < end; ++i) add(all, rows_[i]);
    std::vector<double> mean(data_.outputs);
    double impurity = 0;
    for (std::size_t o = 0; o < data_.outputs; ++o) {
      mean[o] = (all.positive[o] + settings_.prior * prior[o]) / (all.count[o] + settings_.prior);
      if (all.count[o] > 0) impurity += weight_[o] * all.positive[o] * (1 - all.positive[o] / all.count[o]);
    }
    std::size_t best_feature = 0;
    float best_threshold = 0;
    double best = -1;
    const auto least = static_cast<std::size_t>(settings_.least_leaf);
    if (end - begin >= 2 * least && impurity > 1e-12) {
      for (int tried = 0, looked = 0; tried < settings_.candidates && looked < 20 * settings_.candidates;
           ++looked) {
        const auto k = static_cast<std::size_t>(rng_.below(static_cast<std::uint32_t>(data_.width)));
        float low = feature(rows_[begin], k), high = low;
        for (std::size_t i = begin; i < end; ++i) {
          const float x = feature(rows_[i], k);
          low = std::min(low, x);
          high = std::max(high, x);
        }
        if (high - low < 1e-6F) continue;
        ++tried;
        const float threshold = low + (high - low) * static_cast<float>(rng_.uniform());
        Sums left(data_.outputs);
        std::size_t count = 0;
        for (std::size_t i = begin; i < end; ++i) {
          if (feature(rows_[i], k) > threshold) continue;
          add(left, rows_[i]);
          ++count;
        }
        if (count < least || end - begin - count < least) continue;
        Sums right(data_.outputs);
        for (std::size_t o = 0; o < data_.outputs; ++o) {
          right.count[o] = all.count[o] - left.count[o];
          right.positive[o] = all.positive[o] - left.positive[o];
        }
        const double gain = purity(left) + purity(right);
        if (gain > best) {
          best = gain;
          best_feature = k;
          best_threshold = threshold;
        }
      }
    }
    if (best < 0) {
      const auto leaf = out_.leaves.size() / data_.outputs - first_leaf_;
      for (const double m : mean)
        out_.leaves.push_back(static_cast<std::int8_t>(std::lround(127 * std::clamp(m, 0.0, 1.0))));
      out_.nodes[first_node_ + self] = fn::pack(0, fn::kLeaf, static_cast<std::uint32_t>(leaf));
      return;
    }
    const auto middle = std::partition(
        rows_.begin() + static_cast<std::ptrdiff_t>(begin), rows_.begin() + static_cast<std::ptrdiff_t>(end),
        [&](std::int64_t row) { return feature(row, best_feature) <= best_threshold; });
    const auto cut = static_cast<std::size_t>(middle - rows_.begin());
    const std::size_t child = out_.nodes.size() - first_node_;
    out_.nodes.resize(out_.nodes.size() + 2);
    if (child + 1 > fn::kMostNext) throw Internal("a tree has too many nodes");
    out_.nodes[first_node_ + self] =
        fn::pack(best_threshold, static_cast<std::uint32_t>(best_feature), static_cast<std::uint32_t>(child));
    node(child, begin, cut, mean);
    node(child + 1, cut, end, mean);
  }

  const ForestData& data_;
  const ForestSettings& settings_;
  std::vector<std::int64_t> rows_;
  Rng rng_;
  const std::vector<double>& weight_;
  GrownForest& out_;
  std::size_t first_node_ = 0, first_leaf_ = 0;
};

}  // namespace

GrownForest grow_forest(const ForestData& data, std::span<const std::int64_t> rows,
                        const ForestSettings& settings) {
  if (data.width >= fn::kLeaf) throw Internal("too many features for a forest");
  std::vector<double> count(data.outputs, 0), positive(data.outputs, 0), weight(data.outputs),
      prior(data.outputs);
  for (const auto row : rows) {
    for (std::size_t o = 0; o < data.outputs; ++o) {
      const std::size_t at = static_cast<std::size_t>(row) * data.outputs + o;
      count[o] += static_cast<double>(data.known[at]);
      positive[o] += static_cast<double>(data.known[at] * data.labels[at]);
    }
  }
  for (std::size_t o = 0; o < data.outputs; ++o) {
    prior[o] = positive[o] / count[o];
    weight[o] = 1 / (prior[o] * (1 - prior[o]) * count[o]);  // each output counts the same
  }
  GrownForest out;
  for (int tree = 0; tree < settings.trees; ++tree) {
    Grower(data, settings, {rows.begin(), rows.end()}, Rng(settings.seed, static_cast<std::uint64_t>(tree)),
           weight, out)
        .grow(prior);
  }
  return out;
}

}  // namespace odordiff::train
