// The search of one call: a graph of molecules ("or": any step will do) and steps ("and": every reactant is
// needed), grown best first, and the cheapest routes in it. Best-first AND-OR search over retrosynthetic
// steps as in Retro* (B. Chen et al., ICML 2020), with costs of cost.h in place of a learned value.
#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "chem/molecule.h"
#include "synthesis/expansion.h"

namespace odordiff::synthesis {

struct SearchLimits {
  int max_steps = 3;         // one after another
  int max_expansions = 400;  // molecules taken apart
  bool stop_at_first = false;
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  const std::atomic<bool>* cancel = nullptr;
};

// Serves one thread. Results depend on the molecule, the tables and the limits alone, unless the deadline
// ends the search.
class RouteSearch {
 public:
  struct Node;
  struct Step {
    const Template* by = nullptr;
    std::vector<Node*> precursors;
  };
  struct Node {
    chem::Molecule molecule;
    double molecular_weight = 0;
    const BuildingBlock* block = nullptr;  // of the target: null, since a route has one step at least
    bool expanded = false;                 // `steps` holds all of them
    bool expanded_to_blocks = false;       // `steps` holds those into blocks alone
    int explored_steps = 0;                // the deepest search below this node that is under way
    std::vector<Step> steps;
  };
  // A route within the graph.
  struct Tree {
    const Node* node = nullptr;
    const Step* step = nullptr;  // null where bought
    std::vector<std::shared_ptr<const Tree>> precursors;
    double usd_per_kmol = 0;  // middle of the cost interval, per kilomole
    int steps = 0;
  };
  using TreePtr = std::shared_ptr<const Tree>;
  enum class End { Exhausted, Found, ExpansionsSpent, DeadlinePassed };

  RouteSearch(const Expander& expander, const chem::Molecule& target);
  RouteSearch(const RouteSearch&) = delete;
  RouteSearch& operator=(const RouteSearch&) = delete;

  // Grows the graph; may be called again with more steps. Throws Cancelled.
  End explore(const SearchLimits& limits);
  // The cheapest routes found of at most `max_steps` steps one after another, best first.
  std::vector<TreePtr> best(int max_steps, std::size_t count);
  int expansions() const { return expansions_; }

 private:
  Node* intern(const Precursor& precursor);
  void expand(Node& node, bool blocks_only);
  bool solved(const Node& node, int steps) const;
  double value_of_step(const Node& product, const Template& by, double precursors) const;
  const std::vector<TreePtr>& best_of(const Node& node, int steps, std::size_t count);

  const Expander& expander_;
  std::deque<Node> nodes_;  // the first is the target
  std::unordered_map<std::string_view, Node*> by_smiles_;
  std::map<std::pair<const Node*, int>, std::vector<TreePtr>> memo_;  // of best()
  int expansions_ = 0;
};

}  // namespace odordiff::synthesis
