#include "scent/volatility.h"

#include <algorithm>
#include <cmath>

#include "chem/descriptors.h"
#include "nn/safetensors.h"

namespace odordiff::scent {

constexpr double kPascalPerMmHg = 133.322;

std::vector<double> volatility_features(const chem::Molecule& mol) {
  const auto dense = chem::descriptor_vector(mol);
  std::vector<double> out(dense.begin(), dense.end());
  for (const float x : dense) out.push_back(static_cast<double>(x) * static_cast<double>(x));
  out.push_back(1);
  return out;
}

struct VolatilityModel::Impl {
  explicit Impl(const std::filesystem::path& file)
      : weights(file),
        scale(weights.at("scale").f32()),
        boiling_point(weights.at("boiling_point_c", weights.at("scale").shape).f32()),
        log_pressure(weights.at("log10_vapor_pressure_mmhg", weights.at("scale").shape).f32()) {}

  nn::SafeTensors weights;
  std::span<const float> scale, boiling_point, log_pressure;
};

VolatilityModel::VolatilityModel(const std::filesystem::path& folder)
    : impl_(std::make_unique<Impl>(folder / "volatility.safetensors")) {}

VolatilityModel::~VolatilityModel() = default;

Volatility VolatilityModel::predict(const chem::Molecule& mol) const {
  const auto x = volatility_features(mol);
  double boiling = 0, log_pressure = 0;
  for (std::size_t i = 0; i < x.size() && i < impl_->scale.size(); ++i) {
    boiling += x[i] * impl_->scale[i] * impl_->boiling_point[i];
    log_pressure += x[i] * impl_->scale[i] * impl_->log_pressure[i];
  }
  // Outside the fitted range (-160 to 600 °C, 1e-12 to 1e5 mmHg) a regression says nothing: hold it there.
  return {std::clamp(boiling, -160.0, 600.0), std::pow(10.0, std::clamp(log_pressure, -12.0, 5.0)) * kPascalPerMmHg};
}

std::string_view note_class(double vapor_pressure_pa) {
  return vapor_pressure_pa > 13 ? "top" : vapor_pressure_pa < 0.13 ? "base" : "heart";
}

}  // namespace odordiff::scent
