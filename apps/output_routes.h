// Routes in each of the formats that `routes` prints.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "answer_json.h"
#include "chem/molecule.h"
#include "synthesis/route_planner.h"
#include "terminal.h"

namespace odordiff::apps {

// One molecule asked about, and what became of it.
struct PlannedMolecule {
  std::string smiles;  // as given
  std::string name;    // what follows the SMILES on its line of stdin
  std::string error;   // why there is no plan; else empty
  std::optional<chem::Molecule> molecule;
  synthesis::Plan plan;
  int max_steps = 0;
};

// One sentence where there is no route, or the search ended early; else empty.
std::string plan_note(const PlannedMolecule& planned);
// What every page of routes says about its figures.
std::string cost_disclaimer();
// "1 step", "4 steps (3 one after another)".
std::string step_count(const synthesis::Route& route);
// "12-45 USD/kg", "60-85 %", with an en dash where `utf8`.
std::string cost_text(const synthesis::Interval& usd_per_kg, bool utf8);
std::string yield_text(const synthesis::Interval& yield, bool utf8);

std::string render_routes_table(const std::vector<PlannedMolecule>& planned, const TextStyle& style);
Json routes_json(const PlannedMolecule& planned);  // docs/synthesis.md
std::string render_routes_svg(const std::vector<PlannedMolecule>& planned);
std::string render_routes_html(const std::vector<PlannedMolecule>& planned);

}  // namespace odordiff::apps
