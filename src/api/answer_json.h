// The JSON shapes of answers, field by field as docs/cli.md lists them, for the command line and the server
// alike. Stable: fields are added, never renamed.
#pragma once

#include <string>

#include "api/json.h"
#include "generate/pipeline.h"
#include "scent/brief_encoder.h"

namespace odordiff::api {

Json candidate_json(const generate::Candidate& candidate);
// [low, high]
Json interval_json(const scent::Interval& interval, int decimals);
// `timing` adds wall times, which differ from run to run; without it equal answers give equal bytes.
Json answer_json(const generate::Answer& answer, bool timing = false);
// {"name", "version", "digest"}: what an answer was made by.
Json model_json(const model::Identity& identity);
// The same, and what it is computed with: {…, "precision", "backend"}.
Json identity_json(const model::Identity& identity);
// What `explain` says about a brief.
Json brief_json(const std::string& brief, const scent::EncodedBrief& read);
// {descriptor: weight}, strongest first, of what was wanted or refused.
Json weights_json(const scent::EncodedBrief& read);
// Compact on one line, or indented; both end with a newline and replace broken UTF-8.
std::string dump_line(const Json& json);
std::string dump_pretty(const Json& json);

// One sentence when no descriptor could be read from the brief; else empty.
std::string not_understood_note(const scent::EncodedBrief& read);

// `value` to `decimals` places; JSON null where it is not finite.
Json rounded(double value, int decimals);

const char* stop_name(generate::Stop stop);
const char* source_name(scent::BriefTerm::Source source);

}  // namespace odordiff::api
