// A route: how a target could be made from what can be bought. A tree of substances and the steps that make
// them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "synthesis/cost.h"

namespace odordiff::synthesis {

struct RouteStep;

struct Substance {
  std::string smiles;  // canonical, without stereo
  double molecular_weight = 0;
  Interval usd_per_kg;  // bought, or made by the steps below (cost.h)
  // Where it is bought: what blocks.tsv says. Empty where it is made.
  std::string name, feedstock, price_class, origin;
  std::shared_ptr<const RouteStep> made_by;  // null where it is bought

  bool buyable() const { return made_by == nullptr; }
};

struct RouteStep {
  std::string reaction;    // the template's name
  std::string family;      // "aldol", "Grignard", ...
  std::string conditions;  // class of conditions.tsv
  std::string conditions_meaning;
  std::string source;   // of the template
  std::string balance;  // what else is taken (+) and given (-)
  Interval yield;       // typical, of this step
  std::vector<Substance> reactants;
};

struct Route {
  Substance target;
  int steps = 0;         // in all branches together
  int longest_line = 0;  // steps one after another
  Interval yield;        // over the longest line by yield
  const Interval& usd_per_kg() const { return target.usd_per_kg; }
};

// Adds up what the tree under `target` says. REQUIRES: target.made_by is set, and costs of what is bought.
Route make_route(Substance target);

// What a substance made by `step` costs, by the model of cost.h; `run` is the cost of its conditions.
Interval cost_of_step(const RouteStep& step, double product_weight, const Interval& run);

}  // namespace odordiff::synthesis
