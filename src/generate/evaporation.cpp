#include "generate/evaporation.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/error.h"

namespace odordiff::generate {
namespace {

constexpr double kGas = 8.314462618;  // J mol⁻¹ K⁻¹
constexpr double kTemperature_k = 298.15;
constexpr double kAtmosphere = 101325;  // Pa
const double kMostLogActivity = std::log(20.0);
// Of the film's starting amount: what a step may err by, and below which a film is gone.
constexpr double kTolerance = 1e-5;
constexpr double kGone = 1e-9;

void require_positive(double value, const char* name) {
  if (!(value > 0) || !std::isfinite(value)) {
    throw InvalidInput(std::string("evaporation needs a positive ") + name + ", not " +
                       std::to_string(value));
  }
}

// Rates λ_i in 1/s for amounts in mol/m², and the partial pressures in Pa.
struct Film {
  const std::vector<FilmComponent>& components;
  const FilmConditions& conditions;
  std::vector<double> transfer;  // m/s

  std::vector<double> pressures(const std::vector<double>& moles) const {
    double total = 0;
    for (const double n : moles) total += n;
    const auto gamma =
        conditions.ideal ? std::vector<double>(moles.size(), 1.0) : activity_coefficients(components, moles);
    std::vector<double> out(moles.size(), 0.0);
    if (total <= 0) return out;
    for (std::size_t i = 0; i < moles.size(); ++i) {
      out[i] = gamma[i] * moles[i] / total * components[i].vapor_pressure_pa;
    }
    return out;
  }

  std::vector<double> rates(const std::vector<double>& moles) const {
    double total = 0;
    for (const double n : moles) total += n;
    const auto gamma =
        conditions.ideal ? std::vector<double>(moles.size(), 1.0) : activity_coefficients(components, moles);
    std::vector<double> out(moles.size());
    for (std::size_t i = 0; i < moles.size(); ++i) {
      out[i] = transfer[i] * gamma[i] * components[i].vapor_pressure_pa / (kGas * kTemperature_k * total);
    }
    return out;
  }
};

}  // namespace

double mass_transfer_m_s(double molecular_weight, double air_speed_m_s) {
  return 0.0067 * std::cbrt(18 / molecular_weight) * std::pow(air_speed_m_s, 0.78);
}

double solubility_parameter(const FilmComponent& component) {
  const double boiling_k = component.boiling_point_c + 273.15;
  if (boiling_k <= kTemperature_k + 1 || component.vapor_pressure_pa >= kAtmosphere) return 0;
  const double enthalpy =
      kGas * std::log(kAtmosphere / component.vapor_pressure_pa) / (1 / kTemperature_k - 1 / boiling_k);
  return std::sqrt(std::max(0.0, enthalpy - kGas * kTemperature_k) / component.molar_volume_cm3);
}

std::vector<double> activity_coefficients(const std::vector<FilmComponent>& film,
                                          const std::vector<double>& moles) {
  const std::size_t n = film.size();
  double total = 0, volume = 0, mixed = 0;
  std::vector<double> delta(n);
  for (std::size_t i = 0; i < n; ++i) {
    delta[i] = solubility_parameter(film[i]);
    total += moles[i];
    volume += moles[i] * film[i].molar_volume_cm3;
    mixed += moles[i] * film[i].molar_volume_cm3 * delta[i];
  }
  std::vector<double> out(n, 1.0);
  if (!(volume > 0)) return out;
  mixed /= volume;
  for (std::size_t i = 0; i < n; ++i) {
    if (delta[i] == 0) continue;
    const double ratio = film[i].molar_volume_cm3 * total / volume;  // φ / x
    const double energy =
        film[i].molar_volume_cm3 * (delta[i] - mixed) * (delta[i] - mixed) / (kGas * kTemperature_k);
    out[i] = std::exp(std::clamp(energy + std::log(ratio) + 1 - ratio, -kMostLogActivity, kMostLogActivity));
  }
  return out;
}

EvaporationCurve evaporate(const std::vector<FilmComponent>& film, const FilmConditions& conditions) {
  if (film.empty()) throw InvalidInput("nothing to evaporate: the film has no component");
  require_positive(conditions.grams_per_m2, "film load");
  require_positive(conditions.air_speed_m_s, "air speed");
  require_positive(conditions.hours, "time");
  if (conditions.points < 2) throw InvalidInput("evaporation needs at least 2 points in time");
  double grams = 0;
  for (const auto& c : film) {
    require_positive(c.molecular_weight, "molecular weight");
    require_positive(c.vapor_pressure_pa, "vapour pressure");
    require_positive(c.molar_volume_cm3, "molar volume");
    require_positive(c.grams, "amount");
    grams += c.grams;
  }
  const std::size_t n = film.size();
  Film state{film, conditions, {}};
  std::vector<double> moles(n), start(n), gone(n, 0.0);
  double start_total = 0;
  for (std::size_t i = 0; i < n; ++i) {
    state.transfer.push_back(mass_transfer_m_s(film[i].molecular_weight, conditions.air_speed_m_s));
    moles[i] = start[i] = film[i].grams / grams * conditions.grams_per_m2 / film[i].molecular_weight;
    start_total += moles[i];
  }

  EvaporationCurve out;
  out.start_activity = conditions.ideal ? std::vector<double>(n, 1.0) : activity_coefficients(film, moles);
  const auto record = [&](double hours) {
    out.hours.push_back(hours);
    std::vector<double> remaining(n), evaporated(n);
    for (std::size_t i = 0; i < n; ++i) {
      remaining[i] = moles[i] / start[i];
      evaporated[i] = gone[i] / start[i] * film[i].grams;
    }
    out.remaining.push_back(std::move(remaining));
    out.evaporated_g.push_back(std::move(evaporated));
    out.pressure_pa.push_back(state.pressures(moles));
  };
  record(0);
  double step = 1;  // s
  bool dry = false;
  for (int point = 1; point < conditions.points; ++point) {
    const double end = conditions.hours * 3600 / (conditions.points - 1);
    double at = 0;
    while (!dry && at < end) {
      const double h = std::min(step, end - at);
      const auto before = state.rates(moles);
      std::vector<double> first(n), second(n);
      for (std::size_t i = 0; i < n; ++i) first[i] = moles[i] * std::exp(-h * before[i]);
      const auto after = state.rates(first);
      double error = 0;
      for (std::size_t i = 0; i < n; ++i) {
        second[i] = moles[i] * std::exp(-h * (before[i] + after[i]) / 2);
        error = std::max(error, std::abs(second[i] - first[i]) / start_total);
      }
      if (error <= kTolerance || h < 1e-6) {
        double total = 0;
        for (std::size_t i = 0; i < n; ++i) {
          gone[i] += moles[i] - second[i];
          moles[i] = second[i];
          total += second[i];
        }
        at += h;
        if (total < kGone * start_total) {
          for (std::size_t i = 0; i < n; ++i) {
            gone[i] += moles[i];
            moles[i] = 0;
          }
          dry = true;
        }
      }
      step = h * std::clamp(0.9 * std::sqrt(kTolerance / std::max(error, 1e-300)), 0.2, 4.0);
    }
    record(conditions.hours * point / (conditions.points - 1));
  }
  return out;
}

}  // namespace odordiff::generate
