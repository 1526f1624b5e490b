// Routes in each of the formats that `routes` prints.
#pragma once

#include <string>
#include <vector>

#include "api/routes_json.h"
#include "terminal.h"

namespace odordiff::apps {

using api::plan_note;
using api::PlannedMolecule;
using api::routes_json;

// What every page of routes says about its figures.
std::string cost_disclaimer();
// "1 step", "4 steps (3 one after another)".
std::string step_count(const synthesis::Route& route);
// "12-45 USD/kg", "60-85 %", with an en dash where `utf8`.
std::string cost_text(const synthesis::Interval& usd_per_kg, bool utf8);
std::string yield_text(const synthesis::Interval& yield, bool utf8);

std::string render_routes_table(const std::vector<PlannedMolecule>& planned, const TextStyle& style);
std::string render_routes_svg(const std::vector<PlannedMolecule>& planned);
std::string render_routes_html(const std::vector<PlannedMolecule>& planned);

}  // namespace odordiff::apps
