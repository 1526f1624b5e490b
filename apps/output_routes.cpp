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

}  // namespace odordiff::apps
