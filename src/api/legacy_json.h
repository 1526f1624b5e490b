// The answer that clients of POST /generate know. Every number comes from the Candidate; docs/server.md says
// which.
#pragma once

#include <string>

#include "api/json.h"
#include "generate/pipeline.h"

namespace odordiff::api {

struct LegacyFrame {
  std::string request_id;
  double processing_s = 0;
  bool cache_hit = false;
};
Json legacy_molecule_json(const generate::Candidate& candidate);
Json legacy_answer_json(const generate::Answer& answer, const LegacyFrame& frame);
// A prompt that failed, in its place among others.
Json legacy_error_json(const std::string& prompt, const std::string& error, const LegacyFrame& frame);

}  // namespace odordiff::api
