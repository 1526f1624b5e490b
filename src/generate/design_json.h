// The JSON of a fragrance design, for the command line and the server alike; docs/fragrance-design.md has the
// members.
#pragma once

#include <string>

#include "generate/answer_json.h"
#include "generate/design.h"

namespace odordiff::generate {

Json design_json(const Design& design);
// "top", "heart", "base" or "solvent".
std::string note_name(const Ingredient& ingredient);

}  // namespace odordiff::generate
