// Fits src/scent/physical_model.h: prints what 5-fold cross-validation over all molecules says of each
// property, then fits the training part, writes physical.safetensors and prints the errors of the written
// file on the validation part.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <string>
#include <vector>

#include "base/error.h"
#include "chem/molecule.h"
#include "gaussian_process.h"
#include "nn/safetensors.h"
#include "odorous_fit.h"
#include "physical_data.h"
#include "random_forest.h"
#include "scent/kernel_machine.h"
#include "scent/physical_model.h"

namespace {

using namespace odordiff;
using namespace odordiff::train;

struct PropertyPlan {
  const char* tensor;
  const char* unit;
  GaussianOptions options;
};

// Scale and noise were chosen by cross-validation, from powers of about three.
constexpr double kMinMaxAmplitude = 0.5, kDescriptorAmplitude = 1;
const PropertyPlan kPlans[kProperties] = {
    {"boiling_point_c", "boiling point, degrees C", {6400, 60, 3}},
    {"log10_vapor_pressure_mmhg", "log10 vapour pressure, mmHg", {4, 0.05, 3}},
    {"log10_hours", "log10 hours on the blotter", {0.3, 0.1, 0}},
    {"strength", "strength, 0 to 3", {0.3, 0.3, 0}},
    {"log10_dilution_percent", "log10 dilution, percent", {0.5, 0.3, 0}},
};
constexpr double kInterval = 0.9;
constexpr double kPascalPerMmHg = 133.322;

Matrix covariances(const scent::KernelReferences& references, const std::vector<const PhysicalRow*>& rows,
                   std::vector<double>& self) {
  Matrix k(rows.size(), rows.size());
  std::vector<float> row(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    references.row(rows[i]->features, row);
    std::copy(row.begin(), row.end(), k.row(i));
    self.push_back(static_cast<double>(references.self(rows[i]->features)));
  }
  return k;
}

scent::KernelReferences references_of(const std::vector<const PhysicalRow*>& rows) {
  std::vector<scent::PhysicalFeatures> features;
  double squares = 0;
  for (const auto* row : rows) {
    features.push_back(row->features);
    for (const auto& [bin, count] : row->features.groups) {
      squares += std::pow(static_cast<double>(count) / static_cast<double>(row->features.size), 2);
    }
  }
  const double linear = static_cast<double>(rows.size()) / squares;  // so that its mean variance is 1
  return scent::KernelReferences(features, {static_cast<float>(linear), static_cast<float>(kMinMaxAmplitude),
                                            static_cast<float>(kDescriptorAmplitude)});
}

Matrix part(const Matrix& k, const std::vector<std::size_t>& rows, const std::vector<std::size_t>& columns) {
  Matrix out(rows.size(), columns.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t j = 0; j < columns.size(); ++j) out(i, j) = k(rows[i], columns[j]);
  }
  return out;
}

struct Validated {
  double factor = 0;            // half width of the 90 % interval over the deviation
  std::vector<double> novelty;  // of left-out molecules
};

// Leaves each fold out in turn; prints the errors.
Validated cross_validate(const PropertyPlan& plan, std::size_t property,
                         const std::vector<const PhysicalRow*>& rows, const Matrix& k,
                         const std::vector<double>& self) {
  std::vector<double> truth, said, error, ratio;
  std::vector<std::size_t> fold;
  Validated out;
  std::vector<double> typical;
  for (std::size_t f = 0; f < kFolds; ++f) {
    std::vector<std::size_t> known, left_out;
    std::vector<double> y;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const double value = rows[i]->values[property];
      if (std::isnan(value)) continue;
      if (rows[i]->fold == f) {
        left_out.push_back(i);
      } else {
        known.push_back(i);
        y.push_back(value);
      }
    }
    const GaussianFit fitted = fit(part(k, known, known), y, plan.options);
    const Matrix cross = part(k, left_out, known);
    for (std::size_t i = 0; i < left_out.size(); ++i) {
      const std::vector<double> row(cross.row(i), cross.row(i) + known.size());
      const double own = self[left_out[i]];
      const auto p = predict(fitted, row, own, plan.options);
      truth.push_back(rows[left_out[i]]->values[property]);
      said.push_back(p.value);
      error.push_back(std::abs(p.value - truth.back()));
      ratio.push_back(error.back() / p.deviation);
      typical.push_back(std::abs(fitted.centre - truth.back()));
      out.novelty.push_back((p.deviation * p.deviation - plan.options.noise) / (plan.options.scale * own));
      fold.push_back(f);
    }
  }
  out.factor = quantile(ratio, kInterval);
  // The coverage that is reported takes each fold's factor from the other folds. The narrower half of the
  // intervals says whether those are too narrow.
  std::vector<double> deviations;
  for (std::size_t i = 0; i < ratio.size(); ++i) deviations.push_back(ratio[i] > 0 ? error[i] / ratio[i] : 0);
  const double narrow = quantile(deviations, 0.5);
  std::size_t covered = 0, narrow_covered = 0, narrow_count = 0;
  for (std::size_t f = 0; f < kFolds; ++f) {
    std::vector<double> others;
    for (std::size_t i = 0; i < ratio.size(); ++i) {
      if (fold[i] != f) others.push_back(ratio[i]);
    }
    const double factor = quantile(others, kInterval);
    for (std::size_t i = 0; i < ratio.size(); ++i) {
      if (fold[i] != f) continue;
      covered += ratio[i] <= factor;
      narrow_count += deviations[i] < narrow;
      narrow_covered += deviations[i] < narrow && ratio[i] <= factor;
    }
  }
  const auto n = static_cast<double>(error.size());
  double mean = 0, median_error = 0;
  for (const double e : error) mean += e / n;
  for (const double e : typical) median_error += e / n;
  const auto [low, high] = bootstrap_mean(error, property);
  std::printf(
      "%s: %zu molecules, 5-fold mean absolute error %.3f [%.3f, %.3f], median %.3f, of the median molecule "
      "%.3f, "
      "Spearman %.3f, 90 %% intervals hold %.1f %%, the narrower half %.1f %%\n",
      plan.unit, error.size(), mean, low, high, quantile(error, 0.5), median_error, spearman(truth, said),
      100 * static_cast<double>(covered) / n,
      100 * static_cast<double>(narrow_covered) / static_cast<double>(narrow_count));
  if (property == Strength) {
    std::size_t right = 0;
    std::array<std::size_t, 4> classes{};
    for (std::size_t i = 0; i < truth.size(); ++i) {
      right += std::lround(std::clamp(said[i], 0.0, 3.0)) == std::lround(truth[i]);
      ++classes.at(static_cast<std::size_t>(truth[i]));
    }
    std::printf("  class right %.3f, always the commonest class %.3f\n", static_cast<double>(right) / n,
                static_cast<double>(*std::max_element(classes.begin(), classes.end())) / n);
  }
  std::fflush(stdout);
  return out;
}

// Tensors on their way into the file, with what they view.
class Tensors {
 public:
  void add(const std::string& name, std::vector<float> values, std::vector<std::int64_t> shape = {}) {
    if (shape.empty()) shape = {static_cast<std::int64_t>(values.size())};
    auto& held = held_[name] = std::move(values);
    views_[name] = {nn::DType::F32, std::move(shape), std::as_bytes(std::span(held))};
  }
  void add(const std::map<std::string, nn::TensorView>& views) { views_.insert(views.begin(), views.end()); }
  const std::map<std::string, nn::TensorView>& views() const { return views_; }

 private:
  std::map<std::string, std::vector<float>> held_;
  std::map<std::string, nn::TensorView> views_;
};

// Returns the fitted values of all `rows`.
std::vector<double> add_target(Tensors& tensors, const PropertyPlan& plan, std::size_t property,
                               const std::vector<const PhysicalRow*>& rows, const Matrix& k, double factor) {
  std::vector<std::size_t> known;
  std::vector<double> y;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (std::isnan(rows[i]->values[property])) continue;
    known.push_back(i);
    y.push_back(rows[i]->values[property]);
  }
  const GaussianFit fitted = fit(part(k, known, known), y, plan.options);
  std::vector<float> weights(rows.size(), 0.0F), inducing;
  for (std::size_t i = 0; i < known.size(); ++i) weights[known[i]] = static_cast<float>(fitted.weights[i]);
  for (const std::size_t i : fitted.inducing) inducing.push_back(static_cast<float>(known[i]));
  std::vector<double> values;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    double value = fitted.centre;
    for (std::size_t j = 0; j < known.size(); ++j) value += k(i, known[j]) * fitted.weights[j];
    values.push_back(value);
  }
  const auto m = static_cast<std::int64_t>(inducing.size());
  const std::string name = plan.tensor;
  tensors.add(name + ".weights", std::move(weights));
  tensors.add(name + ".inducing", std::move(inducing));
  tensors.add(name + ".variance", {fitted.variance.values.begin(), fitted.variance.values.end()}, {m, m});
  tensors.add(name + ".scalars", {static_cast<float>(fitted.centre), static_cast<float>(plan.options.scale),
                                  static_cast<float>(plan.options.noise), static_cast<float>(factor)});
  return values;
}

void report_validation(const std::filesystem::path& folder, const std::vector<PhysicalRow>& rows) {
  const scent::PhysicalModel model(folder);
  std::array<std::vector<double>, kProperties> error;
  std::array<std::size_t, kProperties> covered{};
  std::clock_t spent = 0;  // processor time
  int predictions = 0;
  std::vector<double> odorous;
  std::vector<int> positive;
  for (const auto& row : rows) {
    if (!row.validation) continue;
    const auto mol = chem::Molecule::parse(row.smiles);
    const std::clock_t begin = std::clock();
    const auto p = model.predict(mol);
    spent += std::clock() - begin;
    ++predictions;
    const auto log = [](scent::Interval i, double unit) {
      return scent::Interval{std::log10(i.value / unit), std::log10(i.low / unit), std::log10(i.high / unit)};
    };
    const auto strength = [](scent::Interval i) {
      return scent::Interval{i.value * 0.3, i.low * 0.3, i.high * 0.3};
    };
    const scent::Interval said[] = {p.boiling_point_c, log(p.vapor_pressure_pa, kPascalPerMmHg),
                                    log(p.longevity_hours, 1), strength(p.intensity),
                                    log(p.usual_dilution_percent, 1)};
    for (std::size_t k = 0; k < kProperties; ++k) {
      if (std::isnan(row.values[k]) || !row.inside) continue;
      error[k].push_back(std::abs(said[k].value - row.values[k]));
      covered[k] += row.values[k] >= said[k].low - 1e-6 && row.values[k] <= said[k].high + 1e-6;
    }
    if (row.odorous >= 0) {
      odorous.push_back(p.odorous.value);
      positive.push_back(row.odorous);
    }
  }
  std::printf("the written file, on the validation part:\n");
  for (std::size_t k = 0; k < kProperties; ++k) {
    const auto n = static_cast<double>(error[k].size());
    double mean = 0;
    for (const double e : error[k]) mean += e / n;
    std::printf("  %s: %zu molecules, mean absolute error %.3f, 90 %% intervals hold %.1f %%\n",
                kPlans[k].unit, error[k].size(), mean, 100 * static_cast<double>(covered[k]) / n);
  }
  std::printf("  odorous: %zu molecules, %d odorless, AUROC %.4f, calibration error %.3f\n", odorous.size(),
              static_cast<int>(std::count(positive.begin(), positive.end(), 0)), auroc(odorous, positive),
              calibration_error(odorous, positive));
  std::printf("  a prediction took %.0f microseconds of one core, mean\n",
              1e6 * static_cast<double>(spent) / CLOCKS_PER_SEC / predictions);
}

int run(const std::filesystem::path& data, const std::filesystem::path& folder) {
  const auto rows = read_physical_rows(data);
  std::vector<const PhysicalRow*> all, training;
  for (const auto& row : rows) {
    const bool measured =
        std::any_of(row.values.begin(), row.values.end(), [](double v) { return !std::isnan(v); });
    if (!row.inside || !(measured || row.judged || row.odorous == 0)) continue;
    all.push_back(&row);
    if (!row.validation) training.push_back(&row);
  }
  Tensors tensors;
  std::array<Validated, kProperties> validated;
  std::array<double, 2> curve{};
  {
    const scent::KernelReferences references = references_of(all);
    std::vector<double> self;
    const Matrix k = covariances(references, all, self);
    for (std::size_t p = 0; p < kProperties; ++p) validated[p] = cross_validate(kPlans[p], p, all, k, self);
    std::vector<const PhysicalRow*> judged;
    for (const auto& row : rows) {
      if (row.odorous >= 0) judged.push_back(&row);
    }
    curve = cross_validate_odorous(OdorousKernel(references, all, std::move(judged)));
  }

  const scent::KernelReferences references = references_of(training);
  std::vector<double> self;
  const Matrix k = covariances(references, training, self);
  std::array<std::vector<double>, kProperties> fitted;
  for (std::size_t p = 0; p < kProperties; ++p) {
    fitted[p] = add_target(tensors, kPlans[p], p, training, k, validated[p].factor);
  }
  std::vector<const PhysicalRow*> judged;
  for (const auto& row : rows) {
    if (row.odorous >= 0 && !row.validation) judged.push_back(&row);
  }
  GrownForest forest = grow_odorous(judged);
  const OdorousKernel kernel(references, training, judged);
  const auto odorous_weights = kernel.weights(kFolds);
  std::vector<float> spread(training.size(), 0.0F);
  for (std::size_t i = 0; i < kernel.inducing().size(); ++i) {
    spread[kernel.inducing()[i]] = static_cast<float>(odorous_weights[i]);
  }
  tensors.add("odorous.kernel_weights", std::move(spread));
  tensors.add("odorous.roots", std::move(forest.roots));
  tensors.add("odorous.feature", std::move(forest.feature));
  tensors.add("odorous.value", std::move(forest.value));
  tensors.add("odorous.left", std::move(forest.left));
  tensors.add("odorous.calibration", {static_cast<float>(curve[0]), static_cast<float>(curve[1])});
  tensors.add("domain.novelty", {static_cast<float>(quantile(validated[BoilingPoint].novelty, 0.99))});
  // The scale of sillage: fitted values of the perfumery materials.
  std::vector<double> reach;
  for (std::size_t i = 0; i < training.size(); ++i) {
    if (std::isnan(training[i]->values[LogDilution])) continue;
    reach.push_back(fitted[LogPressure][i] + std::log10(kPascalPerMmHg) - (fitted[LogDilution][i] - 2));
  }
  tensors.add("sillage.bounds",
              {static_cast<float>(quantile(reach, 0.05)), static_cast<float>(quantile(reach, 0.95))});
  tensors.add(references.tensors());
  nn::write_safetensors(folder / "physical.safetensors", tensors.views());
  report_validation(folder, rows);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: odordiff-train-physical DATA_FOLDER MODEL_FOLDER\n");
    return 2;
  }
  try {
    return run(argv[1], argv[2]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "odordiff-train-physical: %s\n", error.what());
    return 1;
  }
}
