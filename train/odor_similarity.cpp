#include "odor_similarity.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "odor_features.h"
#include "torch_file.h"

namespace odordiff::train {

using torch::Tensor;

namespace {

constexpr std::int64_t kBins = 4096;
constexpr std::int64_t kRowsAtOnce = 2000;

// Tanimoto of one row after another to the first `known` rows, by lists of the rows that hold each bin:
// fingerprints are so sparse that this is tens of times cheaper than a product of matrices.
class Tanimoto {
 public:
  Tanimoto(const nn::SafeTensors& file, const std::string& name, std::int64_t known)
      : rows_(file, name, kBins),
        bin_(rows_.bin.data_ptr<std::int64_t>()),
        value_(rows_.value.data_ptr<float>()),
        offset_(rows_.offset.data_ptr<std::int64_t>()),
        holders_(kBins) {
    for (std::int64_t row = 0; row < known; ++row) {
      for (std::int64_t k = offset_[row]; k < offset_[row + 1]; ++k) {
        holders_[static_cast<std::size_t>(bin_[k])].push_back(
            {static_cast<std::size_t>(row), std::sqrt(value_[k])});
      }
      counts_.push_back(count(row));
    }
  }

  void operator()(std::int64_t row, std::vector<float>& out) const {
    out.assign(counts_.size(), 0.0F);
    for (std::int64_t k = offset_[row]; k < offset_[row + 1]; ++k) {
      const float own = std::sqrt(value_[k]);
      for (const auto& [other, value] : holders_[static_cast<std::size_t>(bin_[k])])
        out[other] += own * value;
    }
    const float own = count(row);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] /= own + counts_[i] - out[i] + 1e-6F;
  }

 private:
  struct Holder {
    std::size_t row;
    float value;
  };
  // The squares of roots of counts, summed.
  float count(std::int64_t row) const {
    float sum = 0;
    for (std::int64_t k = offset_[row]; k < offset_[row + 1]; ++k) sum += value_[k];
    return sum;
  }

  SparseRows rows_;
  const std::int64_t* bin_;
  const float* value_;
  const std::int64_t* offset_;
  std::vector<std::vector<Holder>> holders_;
  std::vector<float> counts_;
};

}  // namespace

Tensor similarities(const nn::SafeTensors& features, std::int64_t rows, std::int64_t known) {
  const Tensor x =
      standardised(load_tensor(features, "ranker_dense").slice(0, 0, rows), torch::arange(known), 5);
  const Tensor of_known = x.slice(0, 0, known);
  const Tensor sample = of_known.slice(0, 0, std::min<std::int64_t>(500, known));
  const double width = squared_distances(sample, of_known).median().item<double>();
  Tensor out = torch::empty({rows, known});
  for (std::int64_t at = 0; at < rows; at += kRowsAtOnce) {
    const std::int64_t to = std::min(at + kRowsAtOnce, rows);
    const Tensor squared = squared_distances(x.slice(0, at, to), of_known) / width;
    out.slice(0, at, to).copy_(((-squared).exp() + (-squared.sqrt()).exp()) / 2);
  }
  const Tanimoto morgan(features, "morgan", known), feature_morgan(features, "feature_morgan", known);
  const Tanimoto pairs(features, "pairs", known), paths(features, "paths", known);
  std::vector<float> m, f, p, r;
  for (std::int64_t row = 0; row < rows; ++row) {
    morgan(row, m);
    feature_morgan(row, f);
    pairs(row, p);
    paths(row, r);
    float* q = out.data_ptr<float>() + row * known;
    for (std::size_t i = 0; i < m.size(); ++i) {
      q[i] *= (1 + m[i] + f[i] + p[i] + r[i]) / 5 + (m[i] * m[i] + r[i] * r[i]) / 3;
    }
  }
  return out;
}

}  // namespace odordiff::train
