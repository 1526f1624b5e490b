#include "odor_features.h"

#include <cmath>

#include "torch_file.h"

namespace odordiff::train {

using torch::Tensor;

SparseRows::SparseRows(const nn::SafeTensors& file, const std::string& name, std::int64_t columns)
    : bin(load_tensor(file, name + ".bin").to(torch::kInt64)),
      value(load_tensor(file, name + ".value")),
      offset(load_tensor(file, name + ".offset")),
      width(columns) {}

Tensor SparseRows::dense(const Tensor& rows) const {
  const Tensor out = torch::zeros({rows.size(0), width});
  const auto* row = rows.data_ptr<std::int64_t>();
  const auto* at = offset.data_ptr<std::int64_t>();
  const auto* bins = bin.data_ptr<std::int64_t>();
  const auto* values = value.data_ptr<float>();
  auto* data = out.data_ptr<float>();
  for (std::int64_t i = 0; i < rows.size(0); ++i) {
    for (std::int64_t k = at[row[i]]; k < at[row[i] + 1]; ++k) data[i * width + bins[k]] += values[k];
  }
  return out;
}

Tensor standardised(const Tensor& x, const Tensor& rows, double limit) {
  const Tensor seen = x.index_select(0, rows);
  return ((x - seen.mean(0)) / (seen.std(0) + 1e-6)).clamp(-limit, limit);
}

Tensor squeezed(const Tensor& x) {
  return x.sign() * x.abs().log1p();
}

Tensor squared_distances(const Tensor& a, const Tensor& b) {
  return (a.square().sum(1).unsqueeze(1) + b.square().sum(1).unsqueeze(0) - 2 * torch::mm(a, b.t()))
      .clamp_min(0);
}

std::vector<std::string> load_strings(const nn::SafeTensors& file, const std::string& name) {
  const auto bytes = file.at(name).data;
  const auto offset = file.at(name + ".offset").i64();
  std::vector<std::string> out;
  for (std::size_t i = 0; i + 1 < offset.size(); ++i) {
    out.emplace_back(reinterpret_cast<const char*>(bytes.data()) + offset[i],
                     static_cast<std::size_t>(offset[i + 1] - offset[i]));
  }
  return out;
}

double macro_auroc(const Tensor& scores, const Tensor& truth, int least) {
  double sum = 0;
  int count = 0;
  for (std::int64_t d = 0; d < truth.size(1); ++d) {
    if (truth.select(1, d).sum().item<float>() < static_cast<float>(least)) continue;
    const double a = auroc(scores.select(1, d), truth.select(1, d));
    if (std::isnan(a)) continue;
    sum += a;
    ++count;
  }
  return sum / count;
}

}  // namespace odordiff::train
