// The JSON shapes of answers (src/generate) under the names by which the commands call them.
#pragma once

#include "generate/answer_json.h"

namespace odordiff::apps {

using generate::answer_json;
using generate::brief_json;
using generate::candidate_json;
using generate::dump_line;
using generate::dump_pretty;
using generate::interval_json;
using generate::Json;
using generate::model_json;
using generate::not_understood_note;
using generate::rounded;
using generate::source_name;
using generate::stop_name;
using generate::weights_json;

}  // namespace odordiff::apps
