// The JSON of a fragrance design, for the command line and the server alike; docs/fragrance-design.md has the
// members.
#pragma once

#include <string>

#include "api/answer_json.h"
#include "generate/design.h"

namespace odordiff::api {

Json design_json(const generate::Design& design);
// "top", "heart", "base" or "solvent".
std::string note_name(const generate::Ingredient& ingredient);

}  // namespace odordiff::api
