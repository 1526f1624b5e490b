// The forms in which a whole answer can be had, and which of them a client takes.
#pragma once

#include <string>

#include "generate/pipeline.h"
#include "server/generate_query.h"
#include "server/http.h"

namespace odordiff::server {

struct AnswerForm {
  const char* media_type;
  std::string (*write)(const generate::Answer&, const MemberChoice&);
  bool chooses = false;  // whether it looks at the choice
};

// JSON, MessagePack, CSV or SDF, as Accept says; what it names goes before what a wildcard takes. Lives as
// long as the program. Throws ProblemError 406.
const AnswerForm& accepted_form(const Request& request);

}  // namespace odordiff::server
