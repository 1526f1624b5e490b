#include "odorous_fit.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "scent/physical_model.h"

namespace odordiff::train {
namespace {

constexpr double kLabelWeight =
    0.3;  // of a molecule that is only known from the labels, beside one of odor_class.csv
constexpr double kOdorousNoise = 0.3;
constexpr std::size_t kOdorousInducing = 1000;

double log_odds(double share) {
  const double s = std::clamp(share, 1e-3, 1 - 1e-3);
  return std::log(s / (1 - s));
}

// Slope and offset of a logistic curve, by Newton's method; steps that make the data less likely are halved.
std::array<double, 2> fit_logistic(const std::vector<double>& share, const std::vector<int>& positive) {
  const auto loss = [&](double a, double b) {
    double sum = 0;
    for (std::size_t i = 0; i < share.size(); ++i) {
      const double z = (positive[i] == 1 ? -1 : 1) * (a * log_odds(share[i]) + b);
      sum += std::max(z, 0.0) + std::log1p(std::exp(-std::abs(z)));
    }
    return sum;
  };
  double a = 1, b = 0;
  double now = loss(a, b);
  for (int step = 0; step < 30; ++step) {
    double ga = 0, gb = 0, haa = 1e-6, hab = 0, hbb = 1e-6;
    for (std::size_t i = 0; i < share.size(); ++i) {
      const double x = log_odds(share[i]);
      const double p = 1 / (1 + std::exp(-(a * x + b)));
      const double w = p * (1 - p);
      ga += (positive[i] - p) * x;
      gb += positive[i] - p;
      haa += w * x * x;
      hab += w * x;
      hbb += w;
    }
    const double det = haa * hbb - hab * hab;
    double da = (hbb * ga - hab * gb) / det;
    double db = (haa * gb - hab * ga) / det;
    int halvings = 0;
    while (halvings < 30 && !(loss(a + da, b + db) <= now)) {
      da /= 2;
      db /= 2;
      ++halvings;
    }
    if (halvings == 30) break;
    a += da;
    b += db;
    now = loss(a, b);
  }
  return {a, b};
}

double logistic(const std::array<double, 2>& curve, double share) {
  return 1 / (1 + std::exp(-(curve[0] * log_odds(share) + curve[1])));
}

}  // namespace

GrownForest grow_odorous(const std::vector<const PhysicalRow*>& rows) {
  std::vector<ForestSample> samples;
  for (const auto* row : rows) {
    samples.push_back({row->features.dense, row->odorous == 1, row->judged ? 1.0 : kLabelWeight});
  }
  return grow_forest(samples, {});
}

OdorousKernel::OdorousKernel(const scent::KernelReferences& references,
                             const std::vector<const PhysicalRow*>& referred,
                             std::vector<const PhysicalRow*> judged)
    : rows_(std::move(judged)) {
  std::vector<std::size_t> odorous;
  for (std::size_t i = 0; i < referred.size(); ++i) {
    if (referred[i]->odorous == 0) inducing_.push_back(i);
    if (referred[i]->odorous == 1) odorous.push_back(i);
  }
  const std::size_t wanted =
      std::min(odorous.size(), kOdorousInducing - std::min(kOdorousInducing, inducing_.size()));
  for (std::size_t k = 0; k < wanted; ++k) inducing_.push_back(odorous[k * odorous.size() / wanted]);
  cross_ = Matrix(rows_.size(), inducing_.size());
  among_ = Matrix(inducing_.size(), inducing_.size());
  std::vector<float> row(references.size()), alike(references.size());
  const auto take = [&](const PhysicalRow& mol, double* out) {
    references.row(mol.features, row, alike);
    for (const std::size_t i : inducing_) *out++ = static_cast<double>(alike[i]);
  };
  for (std::size_t i = 0; i < rows_.size(); ++i) take(*rows_[i], cross_.row(i));
  for (std::size_t i = 0; i < inducing_.size(); ++i) take(*referred[inducing_[i]], among_.row(i));
}

std::vector<double> OdorousKernel::weights(std::size_t left_out) const {
  std::vector<double> y, trust;
  for (const auto* row : rows_) {
    y.push_back(row->odorous - scent::kOdorousCentre);
    trust.push_back(row->fold == left_out ? 0.0 : row->judged ? 1.0 : kLabelWeight);
  }
  return fit_inducing(cross_, among_, y, trust, kOdorousNoise);
}

double OdorousKernel::value(std::size_t row, const std::vector<double>& weights) const {
  double out = scent::kOdorousCentre;
  for (std::size_t i = 0; i < weights.size(); ++i) out += cross_(row, i) * weights[i];
  return out;
}

std::array<double, 2> cross_validate_odorous(const OdorousKernel& kernel) {
  std::vector<double> share;
  std::vector<int> positive;
  std::vector<const PhysicalRow*> who;
  for (std::size_t f = 0; f < kFolds; ++f) {
    std::vector<const PhysicalRow*> known;
    for (const auto* row : kernel.rows()) {
      if (row->fold != f) known.push_back(row);
    }
    const GrownForest forest = grow_odorous(known);
    const auto weights = kernel.weights(f);
    for (std::size_t r = 0; r < kernel.rows().size(); ++r) {
      const PhysicalRow& row = *kernel.rows()[r];
      if (row.fold != f) continue;
      const double value = kernel.value(r, weights);
      share.push_back(scent::odorous_share(forest.share(row.features.dense), value));
      positive.push_back(row.odorous);
      who.push_back(&row);
    }
  }
  std::vector<double> calibrated(share.size());
  for (std::size_t f = 0; f < kFolds; ++f) {
    std::vector<double> s;
    std::vector<int> p;
    for (std::size_t i = 0; i < share.size(); ++i) {
      if (who[i]->fold == f) continue;
      s.push_back(share[i]);
      p.push_back(positive[i]);
    }
    const auto curve = fit_logistic(s, p);
    for (std::size_t i = 0; i < share.size(); ++i) {
      if (who[i]->fold == f) calibrated[i] = logistic(curve, share[i]);
    }
  }
  const auto report = [&](const char* name, auto wanted) {
    std::vector<double> s;
    std::vector<int> p;
    for (std::size_t i = 0; i < share.size(); ++i) {
      if (!wanted(*who[i])) continue;
      s.push_back(calibrated[i]);
      p.push_back(positive[i]);
    }
    const auto [low, high] = bootstrap_auroc(s, p, 7);
    std::printf(
        "odorous, %s: %zu molecules, %d odorless, 5-fold AUROC %.4f [%.4f, %.4f], calibration error %.3f\n",
        name, s.size(), static_cast<int>(std::count(p.begin(), p.end(), 0)), auroc(s, p), low, high,
        calibration_error(s, p));
    std::fputs(calibration_table(s, p).c_str(), stdout);
  };
  report("odor_class.csv and odor_labels.csv", [](const PhysicalRow&) { return true; });
  report("odor_class.csv", [](const PhysicalRow& row) { return row.judged; });
  report("odor_class.csv, inside the domain",
         [](const PhysicalRow& row) { return row.judged && row.inside; });
  return fit_logistic(share, positive);
}

}  // namespace odordiff::train
