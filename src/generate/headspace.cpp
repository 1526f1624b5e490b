#include "generate/headspace.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace odordiff::generate {

constexpr double kStevensExponent = 0.35;
constexpr double kLeastValue = 1e-3;  // below this odor value nothing is felt

OdorCurve odor_over_time(const EvaporationCurve& curve, const std::vector<Odorant>& odorants,
                         std::size_t most) {
  const std::size_t points = curve.hours.size();
  const std::size_t n = odorants.size();
  std::map<std::string, std::vector<double>> strength;
  double greatest = 0;
  OdorCurve out;
  for (std::size_t t = 0; t < points; ++t) {
    std::vector<double> felt(n, 0.0);
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) {
      if (!odorants[i].smells) continue;
      const double value = curve.pressure_pa[t][i] / odorants[i].dilution;
      if (value < kLeastValue) continue;
      felt[i] = std::pow(value, kStevensExponent);
      sum += felt[i];
      for (const auto& [name, probability] : odorants[i].descriptors) {
        auto& line = strength[name];
        line.resize(points, 0.0);
        line[t] += felt[i] * probability;
        greatest = std::max(greatest, line[t]);
      }
    }
    for (double& f : felt) f = sum > 0 ? f / sum : 0;
    out.share.push_back(std::move(felt));
  }
  std::vector<std::pair<double, std::string>> order;
  for (const auto& [name, line] : strength) {
    double sum = 0;
    for (const double x : line) sum += x;
    order.emplace_back(-sum, name);
  }
  std::sort(order.begin(), order.end());
  order.resize(std::min(most, order.size()));
  out.strength.assign(points, {});
  for (const auto& [weight, name] : order) {
    out.descriptors.push_back(name);
    for (std::size_t t = 0; t < points; ++t)
      out.strength[t].push_back(greatest > 0 ? 100 * strength[name][t] / greatest : 0);
  }
  return out;
}

}  // namespace odordiff::generate
