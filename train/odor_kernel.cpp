#include "odor_kernel.h"

#include <algorithm>

namespace odordiff::train {

using torch::Tensor;

namespace {

constexpr std::int64_t kChunk = 2000;

Tensor squared_distances(const Tensor& a, const Tensor& b) {
  return (a.square().sum(1).unsqueeze(1) + b.square().sum(1).unsqueeze(0) - 2 * torch::mm(a, b.t())).clamp_min(0);
}

}  // namespace

KernelTeacher::KernelTeacher(const KernelInputs& inputs, const Tensor& rows, const Tensor& targets, double ridge)
    : inputs_(inputs) {
  const SparseRows* views[] = {&inputs.morgan, &inputs.feature_morgan, &inputs.pairs};
  for (int v = 0; v < 3; ++v) {
    train_[v] = views[v]->dense(rows).sqrt();
    train_norm_[v] = train_[v].square().sum(1);
  }
  train_descriptors_ = inputs.descriptors.index_select(0, rows);
  const Tensor sample = train_descriptors_.slice(0, 0, std::min<std::int64_t>(500, rows.size(0)));
  width_ = squared_distances(sample, train_descriptors_).median().item<double>();
  mean_ = targets.index_select(0, rows).mean(0);
  std::vector<Tensor> parts;
  for (std::int64_t at = 0; at < rows.size(0); at += kChunk) {
    parts.push_back(similarity(rows.slice(0, at, std::min(at + kChunk, rows.size(0)))));
  }
  const Tensor k = torch::cat(parts) + ridge * torch::eye(rows.size(0));
  weights_ = torch::cholesky_solve(targets.index_select(0, rows) - mean_, torch::linalg_cholesky(k));
}

Tensor KernelTeacher::similarity(const Tensor& rows) const {
  const SparseRows* views[] = {&inputs_.morgan, &inputs_.feature_morgan, &inputs_.pairs};
  const Tensor g =
      (-squared_distances(inputs_.descriptors.index_select(0, rows), train_descriptors_) / width_).exp();
  Tensor sum = g.pow(3) / 4;
  for (int v = 0; v < 3; ++v) {
    const Tensor x = views[v]->dense(rows).sqrt();
    const Tensor both = torch::mm(x, train_[v].t());
    const Tensor t = both / (x.square().sum(1).unsqueeze(1) + train_norm_[v].unsqueeze(0) - both + 1e-6);
    sum += t * g / 4;
    if (v == 0) sum += t * t * g / 2;
  }
  return sum;
}

Tensor KernelTeacher::predict(const Tensor& rows) const {
  std::vector<Tensor> parts;
  for (std::int64_t at = 0; at < rows.size(0); at += kChunk) {
    parts.push_back(torch::mm(similarity(rows.slice(0, at, std::min(at + kChunk, rows.size(0)))), weights_) + mean_);
  }
  return torch::cat(parts);
}

}  // namespace odordiff::train
