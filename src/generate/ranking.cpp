#include "generate/ranking.h"

#include <algorithm>
#include <cmath>

namespace odordiff::generate {

double match_score(const scent::DescriptorVector& weights, const scent::DescriptorVector& probabilities,
                   std::span<const float> base_rates) {
  double sum = 0, total = 0;
  for (std::size_t d = 0; d < weights.size(); ++d) {
    if (weights[d] == 0) continue;
    const double w = static_cast<double>(weights[d]) * std::abs(static_cast<double>(weights[d]));
    const double p = probabilities[d];
    const double s = p / (p + std::max(static_cast<double>(base_rates[d]), 1e-3));
    sum += std::abs(w) * (w > 0 ? s : 1 - s);
    total += std::abs(w);
  }
  return total == 0 ? 0 : sum / total;
}

std::vector<std::size_t> diverse_order(const std::vector<Ranked>& items, std::size_t count, double penalty) {
  std::vector<std::size_t> order;
  std::vector<double> similarity(items.size(), 0);
  std::vector<bool> taken(items.size(), false);
  while (order.size() < std::min(count, items.size())) {
    std::size_t best = items.size();
    double best_value = 0;
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (taken[i]) continue;
      const double value = items[i].score - penalty * similarity[i];
      if (best == items.size() || value > best_value) {
        best = i;
        best_value = value;
      }
    }
    taken[best] = true;
    order.push_back(best);
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (!taken[i]) {
        similarity[i] =
            std::max(similarity[i], chem::tanimoto(items[i].fingerprint, items[best].fingerprint));
      }
    }
  }
  return order;
}

}  // namespace odordiff::generate
