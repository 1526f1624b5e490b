// How a molecule could be made: retrosynthesis of one to three steps over a readable table of reactions into
// buyable building blocks (docs/synthesis.md). Stereo is not planned: targets, intermediates and blocks are
// taken without it.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "chem/molecule.h"
#include "synthesis/route.h"

namespace odordiff::synthesis {

class Expander;

struct RouteOptions {
  int max_steps = 3;          // one after another, 1 to 3; a route with branches may hold more in all
  int max_routes = 5;         // 1 to 100
  int max_expansions = 1000;  // molecules taken apart, at least 1: bounds the work, the same on every machine
  int budget_ms = 10'000;     // wall clock, at least 1; a search that ends by it may differ from run to run
  const std::atomic<bool>* cancel = nullptr;
};

struct Plan {
  std::vector<Route> routes;  // best (cheapest by the middle of its cost interval) first
  // Whether every disconnection within max_steps was looked at; then no routes means that there is none.
  bool complete = false;
  int expansions = 0;
  std::string refusal;  // why nothing is planned for this molecule at all; else empty
};

// What a quick look finds; enough to rank candidates by.
struct Makeability {
  bool found = false;
  bool complete = false;      // not found and complete: none within the steps looked at
  int steps = 0;              // one after another, of the shortest kind of route found
  Interval usd_per_kg;        // of the cheapest among those found
  std::string last_reaction;  // that gives the target
  std::string refusal;
};

// Immutable after loading; safe to use from many threads.
class RoutePlanner {
 public:
  // Reads the tables of `folder` (data/synthesis). Throws Unavailable, naming file and line.
  explicit RoutePlanner(const std::filesystem::path& folder);
  ~RoutePlanner();
  RoutePlanner(RoutePlanner&&) noexcept;
  RoutePlanner& operator=(RoutePlanner&&) noexcept;

  // Throws InvalidInput for options out of range and for molecules that no plan makes sense for (several
  // fragments, more than 60 heavy atoms, radicals or isotopes), Cancelled when asked to.
  Plan routes(const chem::Molecule& mol, const RouteOptions& options = {}) const;

  // Steps one after another up to `max_steps` (1 to 3), the shortest first; ends at the first number of steps
  // that gives a route, or after `max_expansions` molecules beyond the target. Throws as routes().
  Makeability quick(const chem::Molecule& mol, int max_steps = 2, int max_expansions = 12) const;

  // The parts, for tests and tools.
  const Expander& expander() const { return *expander_; }

 private:
  std::unique_ptr<const Expander> expander_;
};

}  // namespace odordiff::synthesis
