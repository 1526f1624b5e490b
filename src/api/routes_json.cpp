#include "api/routes_json.h"

#include <fmt/format.h>

namespace odordiff::api {
namespace {

Json low_high(const synthesis::Interval& interval, int decimals) {
  return {{"low", rounded(interval.low, decimals)}, {"high", rounded(interval.high, decimals)}};
}

Json substance_json(const synthesis::Substance& substance) {
  Json json = {{"smiles", substance.smiles},
               {"molecular_weight", rounded(substance.molecular_weight, 3)},
               {"buyable", substance.buyable()},
               {"usd_per_kg", low_high(substance.usd_per_kg, 2)}};
  if (substance.buyable()) {
    json["name"] = substance.name;
    json["feedstock"] = substance.feedstock;
    json["price_class"] = substance.price_class;
    json["origin"] = substance.origin;
    return json;
  }
  const synthesis::RouteStep& step = *substance.made_by;
  Json made = {{"reaction", step.reaction},
               {"family", step.family},
               {"conditions", step.conditions},
               {"conditions_meaning", step.conditions_meaning},
               {"yield", low_high(step.yield, 3)},
               {"balance", step.balance},
               {"source", step.source},
               {"reactants", Json::array()}};
  for (const auto& reactant : step.reactants) made["reactants"].push_back(substance_json(reactant));
  json["made_by"] = std::move(made);
  return json;
}

}  // namespace

std::string plan_note(const PlannedMolecule& planned) {
  const auto& plan = planned.plan;
  if (!planned.error.empty()) return {};
  if (!plan.refusal.empty()) return fmt::format("No route is planned: {}.", plan.refusal);
  const std::string steps = fmt::format("{} step{}", planned.max_steps, planned.max_steps == 1 ? "" : "s");
  if (plan.routes.empty()) {
    return plan.complete
               ? fmt::format("No route found within {} into the building blocks of this version.", steps)
               : fmt::format(
                     "No route found within {} before the search ended early; a larger budget may find "
                     "one.",
                     steps);
  }
  return plan.complete ? "" : "The search ended early; a larger budget may find cheaper routes.";
}

Json routes_json(const PlannedMolecule& planned) {
  Json json;
  json["smiles"] = planned.smiles;
  if (!planned.name.empty()) json["name"] = planned.name;
  if (!planned.error.empty()) {
    json["error"] = planned.error;
    return json;
  }
  json["canonical_smiles"] = planned.molecule->smiles();
  json["max_steps"] = planned.max_steps;
  json["complete"] = planned.plan.complete;
  json["note"] = plan_note(planned);
  json["routes"] = Json::array();
  int rank = 0;
  for (const auto& route : planned.plan.routes) {
    json["routes"].push_back({{"rank", ++rank},
                              {"steps", route.steps},
                              {"longest_line", route.longest_line},
                              {"yield", low_high(route.yield, 3)},
                              {"usd_per_kg", low_high(route.usd_per_kg(), 2)},
                              {"target", substance_json(route.target)}});
  }
  return json;
}

}  // namespace odordiff::api
