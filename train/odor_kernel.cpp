#include "odor_kernel.h"

#include <algorithm>
#include <vector>

#include "odor_features.h"

namespace odordiff::train {

using torch::Tensor;

namespace {

constexpr std::int64_t kChunk = 2000;

}  // namespace

Tensor kernel_answers(const KernelInputs& inputs, const Tensor& rows, const Tensor& targets,
                      const Tensor& noise, const Tensor& asked) {
  Tensor learned;  // profiles of `rows`
  double width = 1;
  const auto profiles = [&](const Tensor& of) {
    return inputs.profiles.index_select(0, of).clamp(0, 1).sqrt();
  };
  if (inputs.profiles.defined()) {
    learned = profiles(rows);
    const Tensor sample = learned.slice(0, 0, std::min<std::int64_t>(500, rows.size(0)));
    width = squared_distances(sample, learned).median().item<double>();
  }
  const auto kernel = [&](const Tensor& of) {
    const Tensor k = inputs.similarity.index_select(0, of).index_select(1, rows);
    return learned.defined() ? k / 2 + (-(squared_distances(profiles(of), learned) / width).sqrt()).exp() : k;
  };
  const Tensor own = targets.index_select(0, rows), mean = own.mean(0);
  Tensor k = kernel(rows);
  k.diagonal().add_(noise.index_select(0, rows));
  const Tensor weights = torch::cholesky_solve(own - mean, torch::linalg_cholesky(k));
  std::vector<Tensor> answers;
  for (std::int64_t at = 0; at < asked.size(0); at += kChunk) {
    answers.push_back(torch::mm(kernel(asked.slice(0, at, std::min(at + kChunk, asked.size(0)))), weights) +
                      mean);
  }
  return torch::cat(answers);
}

}  // namespace odordiff::train
