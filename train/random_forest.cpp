#include "random_forest.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/rng.h"

namespace odordiff::train {
namespace {

using Iterator = std::vector<std::size_t>::iterator;

class Grower {
 public:
  Grower(const std::vector<ForestSample>& samples, const ForestOptions& options, GrownForest& out)
      : samples_(samples), options_(options), out_(out), tried_(samples.front().features.size()) {
    std::iota(tried_.begin(), tried_.end(), std::size_t{0});
  }

  void tree(std::uint64_t index) {
    Rng rng(options_.seed, index);
    std::vector<std::size_t> members(samples_.size());
    std::iota(members.begin(), members.end(), std::size_t{0});
    out_.roots.push_back(static_cast<float>(add()));
    grow(out_.feature.size() - 1, members.begin(), members.end(), rng);
  }

 private:
  struct Weights {
    double positive = 0, total = 0;
    double impurity() const {
      return total == 0 ? 0 : 2 * positive * (total - positive) / total;
    }  // Gini, weighted
  };

  std::size_t add() {
    out_.feature.push_back(-1);
    out_.value.push_back(0);
    out_.left.push_back(0);
    return out_.feature.size() - 1;
  }

  Weights weigh(Iterator begin, Iterator end) const {
    Weights w;
    for (auto i = begin; i != end; ++i) {
      w.total += samples_[*i].weight;
      w.positive += samples_[*i].positive ? samples_[*i].weight : 0;
    }
    return w;
  }

  void grow(std::size_t node, Iterator begin, Iterator end, Rng& rng) {
    const Weights all = weigh(begin, end);
    double best = 0;
    std::size_t best_feature = 0;
    float best_threshold = 0;
    if (all.impurity() > 0 && end - begin >= 2 * options_.least_samples) {
      const auto wanted =
          static_cast<std::size_t>(std::ceil(options_.feature_share * static_cast<double>(tried_.size())));
      std::size_t tested = 0;
      for (std::size_t k = 0; k < tried_.size() && tested < wanted; ++k) {
        std::swap(tried_[k], tried_[k + rng.below(static_cast<std::uint32_t>(tried_.size() - k))]);
        const std::size_t f = tried_[k];
        float low = samples_[*begin].features[f];
        float high = low;
        for (auto i = begin; i != end; ++i) {
          low = std::min(low, samples_[*i].features[f]);
          high = std::max(high, samples_[*i].features[f]);
        }
        if (!(high > low)) continue;  // constant here: does not count as tried
        ++tested;
        const float threshold = std::min(low + (high - low) * rng.uniform(), std::nextafter(high, low));
        Weights left;
        std::ptrdiff_t left_count = 0;
        for (auto i = begin; i != end; ++i) {
          const ForestSample& s = samples_[*i];
          if (s.features[f] > threshold) continue;
          ++left_count;
          left.total += s.weight;
          left.positive += s.positive ? s.weight : 0;
        }
        const Weights right{all.positive - left.positive, all.total - left.total};
        if (std::min(left_count, end - begin - left_count) < options_.least_samples) continue;
        const double gain = all.impurity() - left.impurity() - right.impurity();
        if (gain > best) {
          best = gain;
          best_feature = f;
          best_threshold = threshold;
        }
      }
    }
    if (best <= 1e-12) {
      out_.value[node] = static_cast<float>(all.total > 0 ? all.positive / all.total : 0.5);
      return;
    }
    const auto middle = std::stable_partition(
        begin, end, [&](std::size_t i) { return samples_[i].features[best_feature] <= best_threshold; });
    const std::size_t left = add();
    add();
    out_.feature[node] = static_cast<float>(best_feature);
    out_.value[node] = best_threshold;
    out_.left[node] = static_cast<float>(left);
    grow(left, begin, middle, rng);
    grow(left + 1, middle, end, rng);
  }

  const std::vector<ForestSample>& samples_;
  const ForestOptions& options_;
  GrownForest& out_;
  std::vector<std::size_t> tried_;
};

}  // namespace

double GrownForest::share(const std::vector<float>& features) const {
  double sum = 0;
  for (const float root : roots) {
    auto at = static_cast<std::size_t>(root);
    while (feature[at] >= 0) {
      at = static_cast<std::size_t>(left[at]) +
           (features[static_cast<std::size_t>(feature[at])] <= value[at] ? 0U : 1U);
    }
    sum += static_cast<double>(value[at]);
  }
  return sum / static_cast<double>(roots.size());
}

GrownForest grow_forest(const std::vector<ForestSample>& samples, const ForestOptions& options) {
  GrownForest out;
  Grower grower(samples, options, out);
  for (std::size_t t = 0; t < options.trees; ++t) grower.tree(t);
  return out;
}

}  // namespace odordiff::train
