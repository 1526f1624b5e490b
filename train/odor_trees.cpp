#include "odor_trees.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/rng.h"

namespace odordiff::train {

using torch::Tensor;

namespace {

// Principal directions of the targets: a constant, so that sums over them stay in registers.
constexpr std::int64_t kDirections = 32;

}  // namespace

// Grows one tree after another over the same rows.
struct ExtraTrees::Grower {
  Grower(const Tensor& x, const Tensor& rows, const Tensor& targets, const TreesOptions& o)
      : options(o), n(rows.size(0)), outputs(targets.size(1)) {
    const Tensor chosen = x.index_select(0, rows);
    columns = chosen.t().contiguous();
    y = targets.index_select(0, rows).contiguous();
    const Tensor centred = y - y.mean(0);
    const auto [values, vectors] = torch::linalg_eigh(torch::mm(centred.t(), centred));
    const std::int64_t directions = std::min(kDirections, outputs);
    z = torch::zeros({n, kDirections});
    z.slice(1, 0, directions).copy_(torch::mm(centred, vectors.slice(1, outputs - directions, outputs)));
    const Tensor spread = std::get<0>(columns.max(1)) - std::get<0>(columns.min(1));
    for (std::int64_t f = 0; f < columns.size(0); ++f) {
      if (spread[f].item<float>() > 0) usable.push_back(static_cast<std::int32_t>(f));
    }
    tries = std::max(1, static_cast<int>(options.features * static_cast<double>(usable.size())));
  }

  const float* column(std::int32_t f) const { return columns.data_ptr<float>() + f * n; }

  void grow(Rng& rng, std::vector<Node>& tree, std::vector<float>& leaves) {
    std::vector<std::int32_t> order(static_cast<std::size_t>(n));
    std::iota(order.begin(), order.end(), 0);
    struct Open {
      std::int32_t node, from, to;
      std::size_t constant;  // features, the first of `usable`, known to be constant here
    };
    tree.assign(1, {});
    std::vector<Open> open{{0, 0, static_cast<std::int32_t>(n), 0}};
    while (!open.empty()) {
      Open now = open.back();
      open.pop_back();
      std::int32_t feature = -1;
      float threshold = 0;
      if (now.to - now.from >= 2 * options.least_leaf) {
        best_split(rng, &order[now.from], now.to - now.from, now.constant, feature, threshold);
      }
      Node& node = tree[static_cast<std::size_t>(now.node)];
      if (feature < 0) {
        node.leaf = static_cast<std::int32_t>(static_cast<std::int64_t>(leaves.size()) / outputs);
        add_leaf(&order[now.from], now.to - now.from, leaves);
        continue;
      }
      const float* x = column(feature);
      const auto middle = std::partition(order.begin() + now.from, order.begin() + now.to,
                                         [&](std::int32_t r) { return x[r] <= threshold; });
      const auto at = static_cast<std::int32_t>(middle - order.begin());
      node.feature = feature;
      node.threshold = threshold;
      node.left = static_cast<std::int32_t>(tree.size());
      node.right = node.left + 1;
      const std::int32_t left = node.left;
      tree.resize(tree.size() + 2);
      open.push_back({left, now.from, at, now.constant});
      open.push_back({left + 1, at, now.to, now.constant});
    }
  }

  // Moves the features that it finds to be constant behind the first `constant` of `usable`: they are so in
  // every node below too. Nodes elsewhere only reorder what stands behind, so each node's first ones remain.
  [[gnu::target_clones("avx2", "default")]] void best_split(Rng& rng, const std::int32_t* rows,
                                                            std::int32_t count, std::size_t& constant,
                                                            std::int32_t& feature, float& threshold) {
    const float* targets = z.data_ptr<float>();
    float sum_all[kDirections] = {};
    for (std::int32_t i = 0; i < count; ++i) {
      const float* t = targets + rows[i] * kDirections;
      for (std::int64_t k = 0; k < kDirections; ++k) sum_all[k] += t[k];
    }
    double best = -1;
    // Features that are constant here do not count as tried, as in the paper; a bounded number of draws.
    int tried = 0;
    for (int draws = 0; tried < tries && draws < 6 * tries && constant < usable.size(); ++draws) {
      const std::size_t drawn = constant + rng.below(static_cast<std::uint32_t>(usable.size() - constant));
      const std::int32_t f = usable[drawn];
      const float* x = column(f);
      float low = x[rows[0]], high = low;
      for (std::int32_t i = 1; i < count; ++i) {
        low = std::min(low, x[rows[i]]);
        high = std::max(high, x[rows[i]]);
      }
      if (!(high > low)) {
        std::swap(usable[drawn], usable[constant++]);
        continue;
      }
      ++tried;
      const float cut = low + rng.uniform() * (high - low);
      float sum_right[kDirections] = {};
      std::int32_t right = 0;
      for (std::int32_t i = 0; i < count; ++i) {
        if (x[rows[i]] <= cut) continue;
        ++right;
        const float* t = targets + rows[i] * kDirections;
        for (std::int64_t k = 0; k < kDirections; ++k) sum_right[k] += t[k];
      }
      if (right < options.least_leaf || count - right < options.least_leaf) continue;
      double gain = 0;
      for (std::int64_t k = 0; k < kDirections; ++k) {
        const auto r = static_cast<double>(sum_right[k]);
        const double l = static_cast<double>(sum_all[k]) - r;
        gain += r * r / right + l * l / (count - right);
      }
      if (gain > best) {
        best = gain;
        feature = f;
        threshold = cut;
      }
    }
  }

  void add_leaf(const std::int32_t* rows, std::int32_t count, std::vector<float>& leaves) const {
    const std::size_t at = leaves.size();
    leaves.resize(at + static_cast<std::size_t>(outputs), 0.0F);
    const float* targets = y.data_ptr<float>();
    for (std::int32_t i = 0; i < count; ++i) {
      for (std::int64_t k = 0; k < outputs; ++k)
        leaves[at + static_cast<std::size_t>(k)] += targets[rows[i] * outputs + k];
    }
    for (std::size_t k = at; k < leaves.size(); ++k) leaves[k] /= static_cast<float>(count);
  }

  const TreesOptions& options;
  std::int64_t n, outputs;
  Tensor columns, y, z;  // [features, n], [n, outputs], [n, kDirections]
  std::vector<std::int32_t> usable;
  int tries = 1;
};

ExtraTrees::ExtraTrees(const Tensor& x, const Tensor& rows, const Tensor& targets,
                       const TreesOptions& options)
    : outputs_(targets.size(1)),
      trees_(static_cast<std::size_t>(options.trees)),
      leaves_(static_cast<std::size_t>(options.trees)) {
  Grower grower(x, rows, targets, options);
  for (std::size_t t = 0; t < trees_.size(); ++t) {
    Rng rng(options.seed, t);
    grower.grow(rng, trees_[t], leaves_[t]);
  }
}

Tensor ExtraTrees::predict(const Tensor& x, const Tensor& rows) const {
  const Tensor chosen = x.index_select(0, rows).contiguous();
  const Tensor out = torch::zeros({rows.size(0), outputs_});
  const float* in = chosen.data_ptr<float>();
  float* to = out.data_ptr<float>();
  for (std::size_t t = 0; t < trees_.size(); ++t) {
    for (std::int64_t i = 0; i < rows.size(0); ++i) {
      const Node* node = trees_[t].data();
      while (node->feature >= 0) {
        node = &trees_[t][static_cast<std::size_t>(
            in[i * chosen.size(1) + node->feature] <= node->threshold ? node->left : node->right)];
      }
      const float* leaf = &leaves_[t][static_cast<std::size_t>(node->leaf * outputs_)];
      for (std::int64_t k = 0; k < outputs_; ++k) to[i * outputs_ + k] += leaf[k];
    }
  }
  return out / static_cast<double>(trees_.size());
}

}  // namespace odordiff::train
