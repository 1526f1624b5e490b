// The area under the ROC curve: how often one that carries a label scores above one that does not. Ties count
// half (the Mann-Whitney U statistic over the number of pairs, by mean ranks).
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <vector>

namespace odordiff {

// `score` and `carries` take 0 to n - 1. Not a number where all carry the label or none does.
template <typename Score, typename Carries>
double auroc(std::size_t n, Score&& score, Carries&& carries) {
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return score(a) < score(b); });
  double ranks = 0, positives = 0;
  for (std::size_t i = 0; i < n;) {
    std::size_t j = i;
    while (j < n && score(order[j]) == score(order[i])) ++j;
    const double mean_rank = 0.5 * static_cast<double>(i + j + 1);
    for (; i < j; ++i) {
      if (!carries(order[i])) continue;
      ranks += mean_rank;
      positives += 1;
    }
  }
  const double negatives = static_cast<double>(n) - positives;
  if (positives == 0 || negatives == 0) return std::nan("");
  return (ranks - positives * (positives + 1) / 2) / (positives * negatives);
}

}  // namespace odordiff
