#include "synthesis/route_planner.h"

#include <algorithm>
#include <chrono>
#include <map>

#include "base/error.h"
#include "synthesis/route_search.h"

namespace odordiff::synthesis {
namespace {

constexpr int kMaxSteps = 3;
constexpr int kMaxRoutes = 100;
constexpr int kMaxHeavyAtoms = 60;
// Of routes that end in the same last step, this many are shown, so that a list holds different ideas.
constexpr int kSameLastStep = 2;
constexpr std::size_t kTreesPerRoute = 8;

void check_range(const char* what, int value, int low, int high) {
  if (value < low || value > high) {
    throw InvalidInput(std::string(what) + " is " + std::to_string(value) + "; expected " +
                       std::to_string(low) + " to " + std::to_string(high));
  }
}

// The molecule as the search takes it.
chem::Molecule target_of(const chem::Molecule& mol, const Expander& expander) {
  const std::string flat = mol.flat_smiles();
  if (flat.find('.') != std::string::npos) {
    throw InvalidInput("a route leads to one molecule; " + quote_for_message(flat) +
                       " has several fragments");
  }
  if (mol.heavy_atoms() > kMaxHeavyAtoms || mol.heavy_atoms() < 2) {
    throw InvalidInput("a route is planned for molecules of 2 to " + std::to_string(kMaxHeavyAtoms) +
                       " heavy atoms; this one has " + std::to_string(mol.heavy_atoms()));
  }
  if (expander.outside_scope(mol)) {
    throw InvalidInput("a route is planned for molecules without radicals and isotope labels, not for " +
                       quote_for_message(flat));
  }
  return chem::Molecule::parse(flat);
}

Substance substance_of(const RouteSearch::Tree& tree, const ReactionTable& reactions) {
  Substance out;
  out.smiles = tree.node->molecule.smiles();
  out.molecular_weight = tree.node->molecular_weight;
  if (tree.step == nullptr) {
    const BuildingBlock& block = *tree.node->block;
    out.usd_per_kg = block.usd_per_kg;
    out.name = block.name;
    out.feedstock = block.feedstock;
    out.price_class = block.price_class;
    out.origin = block.origin;
    return out;
  }
  const Template& by = *tree.step->by;
  const Conditions& conditions = reactions.conditions_of(by);
  RouteStep step{by.name,   by.family,  conditions.name, conditions.meaning,
                 by.source, by.balance, by.yield,        {}};
  for (const auto& precursor : tree.precursors) step.reactants.push_back(substance_of(*precursor, reactions));
  out.usd_per_kg = cost_of_step(step, out.molecular_weight, conditions.usd_per_kg);
  out.made_by = std::make_shared<const RouteStep>(std::move(step));
  return out;
}

}  // namespace

RoutePlanner::RoutePlanner(const std::filesystem::path& folder)
    : expander_(std::make_unique<Expander>(folder)) {}
RoutePlanner::~RoutePlanner() = default;
RoutePlanner::RoutePlanner(RoutePlanner&&) noexcept = default;
RoutePlanner& RoutePlanner::operator=(RoutePlanner&&) noexcept = default;

Plan RoutePlanner::routes(const chem::Molecule& mol, const RouteOptions& options) const {
  check_range("max_steps", options.max_steps, 1, kMaxSteps);
  check_range("max_routes", options.max_routes, 1, kMaxRoutes);
  check_range("max_expansions", options.max_expansions, 1, 1'000'000);
  check_range("budget_ms", options.budget_ms, 1, 86'400'000);
  const chem::Molecule target = target_of(mol, *expander_);
  Plan plan;
  plan.refusal = expander_->refusal(target);
  if (!plan.refusal.empty()) return plan;

  RouteSearch search(*expander_, target);
  SearchLimits limits;
  limits.max_steps = options.max_steps;
  limits.max_expansions = options.max_expansions;
  limits.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(options.budget_ms);
  limits.cancel = options.cancel;
  plan.complete = search.explore(limits) == RouteSearch::End::Exhausted;
  plan.expansions = search.expansions();

  std::map<std::vector<std::string>, int> last_steps;
  for (const auto& tree :
       search.best(options.max_steps, static_cast<std::size_t>(options.max_routes) * kTreesPerRoute)) {
    if (plan.routes.size() == static_cast<std::size_t>(options.max_routes)) break;
    std::vector<std::string> key;
    for (const auto& precursor : tree->precursors) key.push_back(precursor->node->molecule.smiles());
    if (++last_steps[key] > kSameLastStep) continue;
    plan.routes.push_back(make_route(substance_of(*tree, expander_->reactions())));
  }
  return plan;
}

Makeability RoutePlanner::quick(const chem::Molecule& mol, int max_steps, int max_expansions) const {
  check_range("max_steps", max_steps, 1, kMaxSteps);
  check_range("max_expansions", max_expansions, 1, 1'000'000);
  const chem::Molecule target = target_of(mol, *expander_);
  Makeability out;
  out.refusal = expander_->refusal(target);
  if (!out.refusal.empty()) return out;
  RouteSearch search(*expander_, target);
  SearchLimits limits;
  limits.stop_at_first = true;
  limits.max_expansions = max_expansions + 1;
  for (int steps = 1; steps <= max_steps; ++steps) {
    limits.max_steps = steps;
    const auto end = search.explore(limits);
    out.complete = end == RouteSearch::End::Exhausted;
    const auto best = search.best(steps, 1);
    if (best.empty()) continue;
    const Route route = make_route(substance_of(*best.front(), expander_->reactions()));
    out.found = true;
    out.steps = route.longest_line;
    out.usd_per_kg = route.usd_per_kg();
    out.last_reaction = route.target.made_by->reaction;
    return out;
  }
  return out;
}

}  // namespace odordiff::synthesis
