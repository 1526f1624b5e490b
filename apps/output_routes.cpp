#include "output_routes.h"

#include <fmt/format.h>

#include <cmath>

namespace odordiff::apps {
namespace {

using synthesis::Interval;
using synthesis::Route;
using synthesis::RouteStep;
using synthesis::Substance;

std::string money(double usd) {
  return usd < 10 ? fmt::format("{:.1f}", usd) : fmt::format("{:.0f}", usd);
}

struct Branches {
  std::string_view fork, last, bar, gap;
};

void add_tree(const Substance& substance, const std::string& indent, const TextStyle& style,
              std::string& out) {
  const Branches branches =
      style.utf8 ? Branches{"├─ ", "└─ ", "│  ", "   "} : Branches{"|- ", "`- ", "|  ", "   "};
  if (substance.buyable()) {
    out += fmt::format("{}  {}\n", substance.smiles,
                       faint(fmt::format("{}, {}, {}", substance.name, substance.feedstock,
                                         cost_text(substance.usd_per_kg, style.utf8)),
                             style));
    return;
  }
  out += fmt::format("{}  {}\n", substance.smiles, faint(cost_text(substance.usd_per_kg, style.utf8), style));
  const RouteStep& step = *substance.made_by;
  out += fmt::format(
      "{}{} {}\n", indent, bold(step.reaction, style),
      faint(fmt::format("({}, yield {})", step.conditions, yield_text(step.yield, style.utf8)), style));
  for (std::size_t i = 0; i < step.reactants.size(); ++i) {
    const bool last = i + 1 == step.reactants.size();
    out += indent + std::string(last ? branches.last : branches.fork);
    add_tree(step.reactants[i], indent + std::string(last ? branches.gap : branches.bar), style, out);
  }
}

Json interval_json(const Interval& interval, int decimals) {
  return {{"low", rounded(interval.low, decimals)}, {"high", rounded(interval.high, decimals)}};
}

Json substance_json(const Substance& substance) {
  Json json = {{"smiles", substance.smiles},
               {"molecular_weight", rounded(substance.molecular_weight, 3)},
               {"buyable", substance.buyable()},
               {"usd_per_kg", interval_json(substance.usd_per_kg, 2)}};
  if (substance.buyable()) {
    json["name"] = substance.name;
    json["feedstock"] = substance.feedstock;
    json["price_class"] = substance.price_class;
    json["origin"] = substance.origin;
    return json;
  }
  const RouteStep& step = *substance.made_by;
  Json made = {{"reaction", step.reaction},
               {"family", step.family},
               {"conditions", step.conditions},
               {"conditions_meaning", step.conditions_meaning},
               {"yield", interval_json(step.yield, 3)},
               {"balance", step.balance},
               {"source", step.source},
               {"reactants", Json::array()}};
  for (const auto& reactant : step.reactants) made["reactants"].push_back(substance_json(reactant));
  json["made_by"] = std::move(made);
  return json;
}

}  // namespace

std::string cost_text(const Interval& usd_per_kg, bool utf8) {
  return fmt::format("{}{}{} USD/kg", money(usd_per_kg.low), utf8 ? "–" : "-", money(usd_per_kg.high));
}

std::string yield_text(const Interval& yield, bool utf8) {
  return fmt::format("{:.0f}{}{:.0f} %", 100 * yield.low, utf8 ? "–" : "-", 100 * yield.high);
}

std::string step_count(const Route& route) {
  if (route.steps == route.longest_line)
    return fmt::format("{} step{}", route.steps, route.steps == 1 ? "" : "s");
  return fmt::format("{} steps ({} one after another)", route.steps, route.longest_line);
}

std::string cost_disclaimer() {
  return "Costs are estimates from price classes and kinds of conditions, yields are typical ranges of the "
         "reaction: "
         "proposals for a chemist to judge, not instructions.";
}

std::string plan_note(const PlannedMolecule& planned) {
  const auto& plan = planned.plan;
  if (!planned.error.empty()) return {};
  if (!plan.refusal.empty()) return fmt::format("No route is planned: {}.", plan.refusal);
  const std::string steps = fmt::format("{} step{}", planned.max_steps, planned.max_steps == 1 ? "" : "s");
  if (plan.routes.empty()) {
    return plan.complete
               ? fmt::format("No route found within {} into the building blocks of this version.", steps)
               : fmt::format(
                     "No route found within {} before the search ended early; a larger --budget may find "
                     "one.",
                     steps);
  }
  return plan.complete ? "" : "The search ended early; a larger --budget may find cheaper routes.";
}

std::string render_routes_table(const std::vector<PlannedMolecule>& planned, const TextStyle& style) {
  std::string out;
  bool any = false;
  for (const auto& entry : planned) {
    if (!out.empty()) out += "\n";
    out += fmt::format("{}  {}", bold(printable(entry.smiles), style), printable(entry.name));
    out.erase(out.find_last_not_of(' ') + 1);
    out += "\n";
    if (!entry.error.empty()) out += fmt::format("error: {}\n", printable(entry.error));
    int rank = 0;
    for (const auto& route : entry.plan.routes) {
      any = true;
      out += fmt::format("\nRoute {}: {}, yield {}, about {}\n", ++rank, step_count(route),
                         yield_text(route.yield, style.utf8), cost_text(route.usd_per_kg(), style.utf8));
      add_tree(route.target, "", style, out);
    }
    const std::string note = plan_note(entry);
    if (!note.empty()) out += fmt::format("{}Note: {}\n", entry.plan.routes.empty() ? "" : "\n", note);
  }
  if (any) out += fmt::format("\n{}\n", cost_disclaimer());
  return out;
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
                              {"yield", interval_json(route.yield, 3)},
                              {"usd_per_kg", interval_json(route.usd_per_kg(), 2)},
                              {"target", substance_json(route.target)}});
  }
  return json;
}

}  // namespace odordiff::apps
