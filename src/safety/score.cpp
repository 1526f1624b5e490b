#include "safety/score.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <string_view>

namespace odordiff::safety {
namespace {

double penalty(Severity severity) {
  switch (severity) {
    case Severity::Information:
      return 0;
    case Severity::Low:
      return 0.05;
    case Severity::Moderate:
      return 0.2;
    case Severity::High:
      return 0.6;
    case Severity::Critical:
      return 1;
  }
  return 1;
}

}  // namespace

double safety_score(std::span<const Finding> findings, const std::optional<Tox21Probabilities>& tox21,
                    const Likeness& likeness) {
  std::map<std::string_view, double> worst;
  for (const Finding& finding : findings) {
    double& w = worst[finding.category];
    w = std::max(w, penalty(finding.severity));
  }
  double score = 1;
  for (const auto& [category, w] : worst) score *= 1 - w;
  if (tox21) {
    score *= 1 - 0.3 * std::accumulate(tox21->begin(), tox21->end(), 0.0) / static_cast<double>(kTox21Assays);
  }
  score *= 1 - 0.2 * std::max(0.0, likeness.nearest_toxin - std::max(likeness.nearest_flavouring, 0.5)) / 0.5;
  return score;
}

}  // namespace odordiff::safety
