#include "scent/kernel_machine.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace odordiff::scent {
namespace {

std::vector<float> copy(const nn::TensorView& view) {
  const auto data = view.f32();
  return {data.begin(), data.end()};
}

nn::TensorView view(const std::vector<float>& v, std::vector<std::int64_t> shape = {}) {
  if (shape.empty()) shape = {static_cast<std::int64_t>(v.size())};
  return {nn::DType::F32, std::move(shape), std::as_bytes(std::span(v))};
}

}  // namespace

double dot(std::span<const float> a, std::span<const float> b) {
  // Eight sums side by side, which the compiler can do in vectors.
  std::array<float, 8> sums{};
  std::size_t i = 0;
  for (; i + 8 <= a.size(); i += 8) {
    for (std::size_t k = 0; k < 8; ++k) sums[k] += a[i + k] * b[i + k];
  }
  double out = 0;
  for (const float s : sums) out += static_cast<double>(s);
  for (; i < a.size(); ++i) out += static_cast<double>(a[i] * b[i]);
  return out;
}

KernelReferences::KernelReferences(std::span<const PhysicalFeatures> molecules,
                                   std::array<float, 3> amplitudes)
    : amplitudes_(amplitudes.begin(), amplitudes.end()), shift_(kPhysicalDense), scale_(kPhysicalDense) {
  const std::size_t n = molecules.size();
  for (std::size_t d = 0; d < kPhysicalDense; ++d) {
    double sum = 0;
    double squares = 0;
    for (const auto& m : molecules) sum += static_cast<double>(m.dense[d]);
    const double mean = sum / static_cast<double>(n);
    for (const auto& m : molecules) squares += std::pow(static_cast<double>(m.dense[d]) - mean, 2);
    shift_[d] = static_cast<float>(mean);
    scale_[d] = static_cast<float>(1 / std::sqrt(squares / static_cast<double>(n) + 1e-6));
  }
  dense_.resize(kPhysicalDense * n);
  std::vector<std::vector<std::pair<std::size_t, std::uint16_t>>> postings(kPhysicalBins);
  for (std::size_t i = 0; i < n; ++i) {
    const auto x = standardised(molecules[i]);
    for (std::size_t d = 0; d < kPhysicalDense; ++d) dense_[d * n + i] = x[d];
    group_total_.push_back(molecules[i].group_total);
    group_size_.push_back(molecules[i].size);
    for (const auto& [bin, count] : molecules[i].groups) postings[bin].emplace_back(i, count);
  }
  for (const auto& posting : postings) {
    posting_start_.push_back(static_cast<float>(posting_reference_.size()));
    for (const auto& [reference, count] : posting) {
      posting_reference_.push_back(static_cast<float>(reference));
      posting_count_.push_back(static_cast<float>(count));
    }
  }
  posting_start_.push_back(static_cast<float>(posting_reference_.size()));
}

KernelReferences::KernelReferences(const nn::SafeTensors& file)
    : amplitudes_(copy(file.at("kernel.amplitudes", {3}))),
      shift_(copy(file.at("kernel.shift", {kPhysicalDense}))),
      scale_(copy(file.at("kernel.scale", {kPhysicalDense}))),
      dense_(copy(file.at("kernel.dense"))),
      group_total_(copy(file.at("kernel.group_total"))),
      group_size_(copy(file.at("kernel.group_size"))),
      posting_start_(copy(file.at("kernel.posting_start", {kPhysicalBins + 1}))),
      posting_reference_(copy(file.at("kernel.posting_reference"))),
      posting_count_(copy(file.at("kernel.posting_count"))) {
  bool good = dense_.size() == kPhysicalDense * size() && group_size_.size() == size() &&
              posting_reference_.size() == posting_count_.size() && posting_start_.front() == 0 &&
              posting_start_.back() == static_cast<float>(posting_reference_.size()) &&
              std::is_sorted(posting_start_.begin(), posting_start_.end());
  for (const float r : posting_reference_) good = good && r >= 0 && r < static_cast<float>(size());
  if (!good) throw Unavailable(file.path().string() + ": the kernel's tables do not fit each other");
}

std::vector<float> KernelReferences::standardised(const PhysicalFeatures& mol) const {
  std::vector<float> x(kPhysicalDense);
  for (std::size_t d = 0; d < kPhysicalDense; ++d) x[d] = (mol.dense[d] - shift_[d]) * scale_[d];
  return x;
}

void KernelReferences::row(const PhysicalFeatures& mol, std::span<float> out,
                           std::span<float> by_descriptors) const {
  const std::size_t n = size();
  const auto x = standardised(mol);
  std::vector<float> common(n, 0.0F);
  std::vector<float> products(n, 0.0F);
  std::fill(out.begin(), out.end(), 0.0F);
  for (std::size_t d = 0; d < kPhysicalDense; ++d) {
    const float* reference = dense_.data() + d * n;
    for (std::size_t i = 0; i < n; ++i) {
      const float difference = x[d] - reference[i];
      out[i] += difference * difference;
    }
  }
  for (const auto& [bin, count] : mol.groups) {
    const float own = count;
    for (auto k = static_cast<std::size_t>(posting_start_[bin]);
         k < static_cast<std::size_t>(posting_start_[bin + 1]); ++k) {
      const auto i = static_cast<std::size_t>(posting_reference_[k]);
      common[i] += std::min(own, posting_count_[k]);
      products[i] += own * posting_count_[k];
    }
  }
  constexpr float kInverse = 1.0F / (2 * kPhysicalDense);
  for (std::size_t i = 0; i < n; ++i) {
    const float either = mol.group_total + group_total_[i] - common[i];
    const float alike = amplitudes_[2] / (1 + out[i] * kInverse);
    out[i] = amplitudes_[0] * products[i] / (mol.size * group_size_[i]) +
             (either > 0 ? amplitudes_[1] * common[i] / either : 0.0F) + alike;
    if (!by_descriptors.empty()) by_descriptors[i] = alike;
  }
}

float KernelReferences::self(const PhysicalFeatures& mol) const {
  float squares = 0;
  for (const auto& [bin, count] : mol.groups)
    squares += static_cast<float>(count) * static_cast<float>(count);
  return amplitudes_[0] * squares / (mol.size * mol.size) + (mol.group_total > 0 ? amplitudes_[1] : 0.0F) +
         amplitudes_[2];
}

std::map<std::string, nn::TensorView> KernelReferences::tensors() const {
  const auto n = static_cast<std::int64_t>(size());
  return {{"kernel.amplitudes", view(amplitudes_)},
          {"kernel.shift", view(shift_)},
          {"kernel.scale", view(scale_)},
          {"kernel.dense", view(dense_, {kPhysicalDense, n})},
          {"kernel.group_total", view(group_total_)},
          {"kernel.group_size", view(group_size_)},
          {"kernel.posting_start", view(posting_start_)},
          {"kernel.posting_reference", view(posting_reference_)},
          {"kernel.posting_count", view(posting_count_)}};
}

KernelTarget::KernelTarget(const nn::SafeTensors& file, const std::string& name, std::size_t references)
    : weights_(file.at(name + ".weights", {static_cast<std::int64_t>(references)}).f32()) {
  const auto inducing = file.at(name + ".inducing").f32();
  const auto m = static_cast<std::int64_t>(inducing.size());
  variance_ = file.at(name + ".variance", {m, m}).f32();
  for (const float i : inducing) {
    if (!(i >= 0 && i < static_cast<float>(references))) {
      throw Unavailable(file.path().string() + ": " + name + " names a molecule that is not there");
    }
    inducing_.push_back(static_cast<std::size_t>(i));
  }
  const auto scalars = file.at(name + ".scalars", {4}).f32();
  centre_ = static_cast<double>(scalars[0]);
  scale_ = static_cast<double>(scalars[1]);
  noise_ = static_cast<double>(scalars[2]);
  factor_ = static_cast<double>(scalars[3]);
}

KernelEstimate KernelTarget::estimate(std::span<const float> row, float self) const {
  const double sum = dot(row, weights_);
  const std::size_t m = inducing_.size();
  std::vector<float> k(m);
  for (std::size_t i = 0; i < m; ++i) k[i] = row[inducing_[i]];
  // Q k row by row, which the compiler can do in vectors; Q is symmetric.
  std::vector<float> product(m, 0.0F);
  for (std::size_t i = 0; i < m; ++i) {
    const float* q = variance_.data() + i * m;
    for (std::size_t j = 0; j < m; ++j) product[j] += k[i] * q[j];
  }
  const double explained = dot(product, k);
  const double prior = static_cast<double>(self);
  const double left = std::clamp(1 - explained / prior, 0.0, 1.0);
  return {centre_ + sum, factor_ * std::sqrt(scale_ * prior * left + noise_), left};
}

double KernelTarget::widest(float self) const {
  return factor_ * std::sqrt(scale_ * static_cast<double>(self) + noise_);
}

}  // namespace odordiff::scent
