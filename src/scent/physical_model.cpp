#include "scent/physical_model.h"

#include <algorithm>
#include <cmath>

#include "chem/model_domain.h"
#include "nn/safetensors.h"
#include "scent/forest.h"
#include "scent/kernel_machine.h"

namespace odordiff::scent {
namespace {

constexpr double kPascalPerMmHg = 133.322;
constexpr double kStrongest = 3;  // "very high"
// Where estimates stop to mean anything: the measurements end well inside.
constexpr double kColdest = -270, kHottest = 700;                // °C
constexpr double kLeastLogPressure = -12, kMostLogPressure = 6;  // mmHg

Interval around(const KernelEstimate& e, double low, double high) {
  return {std::clamp(e.value, low, high), std::clamp(e.value - e.half_width, low, high),
          std::clamp(e.value + e.half_width, low, high)};
}

Interval power_of_ten(const Interval& i, double factor) {
  return {factor * std::pow(10.0, i.value), factor * std::pow(10.0, i.low), factor * std::pow(10.0, i.high)};
}

}  // namespace

struct PhysicalModel::Impl {
  explicit Impl(const std::filesystem::path& path)
      : file(path),
        references(file),
        boiling(file, "boiling_point_c", references.size()),
        pressure(file, "log10_vapor_pressure_mmhg", references.size()),
        hours(file, "log10_hours", references.size()),
        strength(file, "strength", references.size()),
        dilution(file, "log10_dilution_percent", references.size()),
        odorous_weights(
            file.at("odorous.kernel_weights", {static_cast<std::int64_t>(references.size())}).f32()),
        odorous(file, "odorous", kPhysicalDense),
        calibration(file.at("odorous.calibration", {2}).f32()),
        sillage(file.at("sillage.bounds", {2}).f32()),
        domain(file.at("domain.novelty", {1}).f32()) {}

  // Logistic curve over the log odds of the share.
  double calibrated(double share) const {
    const double s = std::clamp(share, 1e-3, 1 - 1e-3);
    const double odds =
        static_cast<double>(calibration[0]) * std::log(s / (1 - s)) + static_cast<double>(calibration[1]);
    return 1 / (1 + std::exp(-odds));
  }

  nn::SafeTensors file;
  KernelReferences references;
  KernelTarget boiling, pressure, hours, strength, dilution;
  std::span<const float> odorous_weights;
  Forest odorous;
  std::span<const float> calibration, sillage, domain;
};

PhysicalModel::PhysicalModel(const std::filesystem::path& folder)
    : impl_(std::make_unique<Impl>(folder / "physical.safetensors")) {}

PhysicalModel::~PhysicalModel() = default;

PhysicalEstimate PhysicalModel::predict(const chem::Molecule& mol) const {
  const Impl& impl = *impl_;
  const PhysicalFeatures features = physical_features(mol);
  std::vector<float> row(impl.references.size());
  std::vector<float> alike(row.size());
  impl.references.row(features, row, alike);
  const float self = impl.references.self(features);

  PhysicalEstimate out;
  out.outside = chem::outside_model_domain(mol);
  const auto estimate = [&](const KernelTarget& target) {
    KernelEstimate e = target.estimate(row, self);
    if (!out.outside.empty()) e.half_width = std::max(e.half_width, target.widest(self));
    return e;
  };
  const KernelEstimate boiling = impl.boiling.estimate(row, self);
  if (out.outside.empty() && boiling.novelty > static_cast<double>(impl.domain[0])) {
    out.outside = "it is unlike every molecule that was measured";
  }
  out.boiling_point_c = around(estimate(impl.boiling), kColdest, kHottest);
  const Interval pressure = around(estimate(impl.pressure), kLeastLogPressure, kMostLogPressure);
  out.vapor_pressure_pa = power_of_ten(pressure, kPascalPerMmHg);
  out.longevity_hours = power_of_ten(around(estimate(impl.hours), 0, std::log10(kLongestHours)), 1);
  const Interval strength = around(estimate(impl.strength), 0, kStrongest);
  out.intensity = {10 * strength.value / kStrongest, 10 * strength.low / kStrongest,
                   10 * strength.high / kStrongest};
  const Interval dilution = around(estimate(impl.dilution), -2, 2);
  out.usual_dilution_percent = power_of_ten(dilution, 1);

  // Errors of pressure and dilution are taken as independent.
  const double low = static_cast<double>(impl.sillage[0]);
  const double slope = 10 / (static_cast<double>(impl.sillage[1]) - low);
  const double reach = pressure.value + std::log10(kPascalPerMmHg) - (dilution.value - 2);
  const double half = std::hypot(pressure.high - pressure.low, dilution.high - dilution.low) / 2;
  const auto onto_scale = [&](double x) { return std::clamp((x - low) * slope, 0.0, 10.0); };
  out.sillage = {onto_scale(reach), onto_scale(reach - half), onto_scale(reach + half)};

  const auto vote = impl.odorous.vote(features.dense);
  const double kernel = kOdorousCentre + dot(alike, impl.odorous_weights);
  constexpr double kNormal90 = 1.645;
  const auto together = [&](double share) { return impl.calibrated(odorous_share(share, kernel)); };
  out.odorous = {together(vote.share), together(vote.share - kNormal90 * vote.error),
                 together(vote.share + kNormal90 * vote.error)};
  if (!out.outside.empty()) {
    out.odorous.low = 0;
    out.odorous.high = 1;
  }
  out.note = note_class(out.vapor_pressure_pa.value);
  return out;
}

std::vector<PhysicalEstimate> PhysicalModel::predict(std::span<const chem::Molecule> mols) const {
  std::vector<PhysicalEstimate> out;
  out.reserve(mols.size());
  for (const auto& mol : mols) out.push_back(predict(mol));
  return out;
}

double odorous_share(double forest_share, double kernel_value) {
  return 0.75 * std::clamp(forest_share, 0.0, 1.0) + 0.25 * std::clamp(kernel_value, 0.0, 1.0);
}

std::string_view note_class(double vapor_pressure_pa) {
  return vapor_pressure_pa > 13 ? "top" : vapor_pressure_pa < 0.13 ? "base" : "heart";
}

std::string_view strength_word(double intensity) {
  constexpr std::string_view kWords[] = {"low", "medium", "high", "very high"};
  return kWords[std::clamp(static_cast<int>(std::lround(intensity * kStrongest / 10)), 0, 3)];
}

}  // namespace odordiff::scent
