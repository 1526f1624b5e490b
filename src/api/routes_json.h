// The JSON of planned routes (docs/synthesis.md), as `odordiff routes` prints it and the server answers it.
#pragma once

#include <optional>
#include <string>

#include "api/answer_json.h"
#include "chem/molecule.h"
#include "synthesis/route_planner.h"

namespace odordiff::api {

// One molecule asked about, and what became of it.
struct PlannedMolecule {
  std::string smiles;  // as given
  std::string name;    // what follows the SMILES on its line of stdin
  std::string error;   // why there is no plan; else empty
  std::optional<chem::Molecule> molecule;
  synthesis::Plan plan;
  int max_steps = 0;
};

Json routes_json(const PlannedMolecule& planned);
// One sentence where there is no route, or the search ended early; else empty.
std::string plan_note(const PlannedMolecule& planned);

}  // namespace odordiff::api
