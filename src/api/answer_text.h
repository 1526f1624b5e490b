// Answers as the tables and structure files that other programs of the laboratory read, for the command line
// and the server alike.
#pragma once

#include <string>
#include <string_view>

#include "generate/pipeline.h"

namespace odordiff::api {

std::string answer_csv(const generate::Answer& answer);  // RFC 4180, with a header line
std::string answer_sdf(const generate::Answer& answer);  // V2000 with the scores as data items

// One field of RFC 4180, quoted where needed.
std::string csv_field(std::string_view text);

}  // namespace odordiff::api
