// The JSON of what is said about given molecules, as `odordiff describe` and `odordiff assess` print it and
// the server answers it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "api/answer_json.h"
#include "chem/molecule.h"
#include "generate/palette.h"
#include "safety/assessor.h"
#include "scent/character.h"
#include "scent/odor_predictor.h"

namespace odordiff::api {

// A molecule as somebody wrote it; the name may be empty.
struct GivenMolecule {
  std::string smiles, name;
};

// What stands in the place of a molecule that could not be read.
Json unread_json(const GivenMolecule& given, const std::string& error);

// With the notes and the line of `character`, where there is one.
Json description_json(const GivenMolecule& given, const chem::Molecule& mol,
                      const scent::OdorPrediction& prediction, std::size_t count,
                      const scent::Character* character = nullptr);

// Named materials, nearest first, with their most probable notes.
Json neighbours_json(const std::vector<generate::Neighbour>& neighbours);

struct AssessmentView {
  std::string region = "all";  // or one of safety::kRegions: whose verdict is shown
  double threshold = safety::kDefaultThreshold;
};
// "forbidden", "out of domain", "excluded" or "accepted".
std::string decision(const safety::SafetyReport& report, double threshold);
Json assessment_json(const GivenMolecule& given, const chem::Molecule& mol,
                     const safety::SafetyReport& report, const AssessmentView& view);

}  // namespace odordiff::api
