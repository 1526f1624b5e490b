#include "synthesis/route.h"

#include <algorithm>

namespace odordiff::synthesis {
namespace {

struct Sums {
  int steps = 0;
  int longest_line = 0;
  Interval yield{1, 1};
};

Sums sums_of(const Substance& substance) {
  if (substance.buyable()) return {};
  Sums out;
  Interval worst{1, 1};
  for (const auto& reactant : substance.made_by->reactants) {
    const Sums below = sums_of(reactant);
    out.steps += below.steps;
    out.longest_line = std::max(out.longest_line, below.longest_line);
    if (below.yield.middle() < worst.middle()) worst = below.yield;
  }
  const Interval& yield = substance.made_by->yield;
  return {out.steps + 1, out.longest_line + 1, {worst.low * yield.low, worst.high * yield.high}};
}

}  // namespace

Route make_route(Substance target) {
  const Sums sums = sums_of(target);
  return {std::move(target), sums.steps, sums.longest_line, sums.yield};
}

Interval cost_of_step(const RouteStep& step, double product_weight, const Interval& run) {
  Interval materials;  // USD for one mole's worth of grams as kg
  for (const auto& reactant : step.reactants) {
    materials.low += reactant.usd_per_kg.low * reactant.molecular_weight;
    materials.high += reactant.usd_per_kg.high * reactant.molecular_weight;
  }
  return {materials.low / (product_weight * step.yield.high) + run.low,
          materials.high / (product_weight * step.yield.low) + run.high};
}

}  // namespace odordiff::synthesis
