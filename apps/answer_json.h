// The JSON shapes of answers (src/api) under the names by which the commands call them.
#pragma once

#include "api/answer_json.h"

namespace odordiff::apps {

using api::answer_json;
using api::brief_json;
using api::candidate_json;
using api::dump_line;
using api::dump_pretty;
using api::interval_json;
using api::Json;
using api::model_json;
using api::not_understood_note;
using api::rounded;
using api::source_name;
using api::stop_name;
using api::weights_json;

}  // namespace odordiff::apps
