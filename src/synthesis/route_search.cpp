#include "synthesis/route_search.h"

#include <algorithm>
#include <queue>

#include "base/error.h"
#include "chem/descriptors.h"

namespace odordiff::synthesis {
namespace {

// What an unfinished molecule is taken to cost, USD/kg: the cheapest block and the cheapest step, plus a
// little for every heavy atom beyond a small block, since large molecules are farther from what is sold.
// Guides the search; no bound.
double guess_usd_per_kg(const RouteSearch::Node& node) {
  return 3.0 + 0.5 * std::max(0, node.molecule.heavy_atoms() - 6);
}

double value_or_guess(const RouteSearch::Node& node) {
  return node.molecular_weight *
         (node.block != nullptr ? node.block->usd_per_kg.middle() : guess_usd_per_kg(node));
}

bool holds(const RouteSearch::Tree& tree, const RouteSearch::Node* node) {
  return tree.node == node || std::any_of(tree.precursors.begin(), tree.precursors.end(),
                                          [&](const auto& below) { return holds(*below, node); });
}

bool cheaper(const RouteSearch::TreePtr& a, const RouteSearch::TreePtr& b) {
  if (a->usd_per_kmol != b->usd_per_kmol) return a->usd_per_kmol < b->usd_per_kmol;
  return a->steps < b->steps;
}

void keep_best(std::vector<RouteSearch::TreePtr>& trees, std::size_t count) {
  std::stable_sort(trees.begin(), trees.end(), cheaper);
  if (trees.size() > count) trees.resize(count);
}

}  // namespace

RouteSearch::RouteSearch(const Expander& expander, const chem::Molecule& target) : expander_(expander) {
  nodes_.push_back({target, chem::molecular_weight(target), nullptr, false, false, 0, {}});
  by_smiles_.emplace(nodes_.front().molecule.smiles(), &nodes_.front());
}

RouteSearch::Node* RouteSearch::intern(const Precursor& precursor) {
  if (const auto it = by_smiles_.find(precursor.smiles); it != by_smiles_.end()) return it->second;
  const chem::Molecule molecule =
      precursor.molecule ? *precursor.molecule : chem::Molecule::parse(precursor.block->smiles);
  const double weight = chem::molecular_weight(molecule);
  nodes_.push_back({molecule, weight, precursor.block, false, false, 0, {}});
  by_smiles_.emplace(nodes_.back().molecule.smiles(), &nodes_.back());
  return &nodes_.back();
}

void RouteSearch::expand(Node& node, bool blocks_only) {
  if (node.expanded || (blocks_only && node.expanded_to_blocks)) return;
  ++expansions_;
  node.steps.clear();
  for (const auto& disconnection : expander_.expand(node.molecule, blocks_only)) {
    Step step{disconnection.by, {}};
    for (const auto& precursor : disconnection.precursors) step.precursors.push_back(intern(precursor));
    node.steps.push_back(std::move(step));
  }
  (blocks_only ? node.expanded_to_blocks : node.expanded) = true;
  memo_.clear();
}

bool RouteSearch::solved(const Node& node, int steps) const {
  if (node.block != nullptr) return true;
  return steps > 0 && std::any_of(node.steps.begin(), node.steps.end(), [&](const Step& step) {
           return std::all_of(step.precursors.begin(), step.precursors.end(),
                              [&](const Node* below) { return solved(*below, steps - 1); });
         });
}

double RouteSearch::value_of_step(const Node& product, const Template& by, double precursors) const {
  return precursors / by.yield.middle() +
         expander_.reactions().conditions_of(by).usd_per_kg.middle() * product.molecular_weight;
}

RouteSearch::End RouteSearch::explore(const SearchLimits& limits) {
  // The cost of a whole route through an open molecule is slope * (its cost) + offset.
  struct Open {
    double guess;
    std::size_t order;
    Node* node;
    int steps;
    double slope, offset;
    bool operator<(const Open& other) const {  // the queue's top is its largest
      return guess != other.guess ? guess > other.guess : order > other.order;
    }
  };
  std::priority_queue<Open> open;
  std::size_t pushed = 0;
  for (auto& node : nodes_) node.explored_steps = 0;
  const auto push = [&](Node* node, int steps, double slope, double offset) {
    open.push({slope * value_or_guess(*node) + offset, pushed++, node, steps, slope, offset});
  };
  push(&nodes_.front(), limits.max_steps, 1, 0);
  const int first_expansion = expansions_;
  while (!open.empty()) {
    const Open top = open.top();
    open.pop();
    Node& node = *top.node;
    if (node.explored_steps >= top.steps) continue;
    if (limits.cancel != nullptr && limits.cancel->load(std::memory_order_relaxed))
      throw Cancelled("cancelled");
    if (expansions_ - first_expansion >= limits.max_expansions) return End::ExpansionsSpent;
    if (std::chrono::steady_clock::now() > limits.deadline) return End::DeadlinePassed;
    node.explored_steps = top.steps;
    expand(node, top.steps == 1);
    bool into_blocks = false;
    for (const auto& step : node.steps) {
      double known = 0;
      for (const Node* precursor : step.precursors) known += value_or_guess(*precursor);
      bool all = true;
      for (Node* precursor : step.precursors) {
        if (precursor->block != nullptr) continue;
        all = false;
        if (top.steps == 1) continue;
        const double slope = top.slope / step.by->yield.middle();
        const double siblings = known - value_or_guess(*precursor);
        push(precursor, top.steps - 1, slope,
             top.offset + top.slope * value_of_step(node, *step.by, siblings));
      }
      into_blocks = into_blocks || all;
    }
    if (limits.stop_at_first && into_blocks && solved(nodes_.front(), limits.max_steps)) return End::Found;
  }
  return End::Exhausted;
}

const std::vector<RouteSearch::TreePtr>& RouteSearch::best_of(const Node& node, int steps,
                                                              std::size_t count) {
  auto& out = memo_[{&node, steps}];
  if (!out.empty()) return out;
  if (node.block != nullptr) {
    out.push_back(std::make_shared<const Tree>(Tree{&node, nullptr, {}, value_or_guess(node), 0}));
    return out;
  }
  if (steps == 0) return out;
  std::vector<TreePtr> trees;
  for (const auto& step : node.steps) {
    std::vector<Tree> partial = {Tree{&node, &step, {}, 0, 1}};
    for (const Node* precursor : step.precursors) {
      std::vector<Tree> longer;
      for (const auto& below : best_of(*precursor, steps - 1, count)) {
        if (holds(*below, &node)) continue;
        for (const Tree& tree : partial) {
          longer.push_back(tree);
          longer.back().precursors.push_back(below);
          longer.back().usd_per_kmol += below->usd_per_kmol;
          longer.back().steps += below->steps;
        }
      }
      std::stable_sort(longer.begin(), longer.end(),
                       [](const Tree& a, const Tree& b) { return a.usd_per_kmol < b.usd_per_kmol; });
      if (longer.size() > count) longer.resize(count);
      partial = std::move(longer);
    }
    for (Tree& tree : partial) {
      tree.usd_per_kmol = value_of_step(node, *step.by, tree.usd_per_kmol);
      trees.push_back(std::make_shared<const Tree>(std::move(tree)));
    }
  }
  keep_best(trees, count);
  return memo_[{&node, steps}] = std::move(trees);
}

std::vector<RouteSearch::TreePtr> RouteSearch::best(int max_steps, std::size_t count) {
  memo_.clear();  // of another count
  return best_of(nodes_.front(), max_steps, count);
}

}  // namespace odordiff::synthesis
