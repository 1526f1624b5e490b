// What clients ask to have generated, read out of JSON: the clean form and the one that earlier clients know.
#pragma once

#include <string>
#include <vector>

#include "api/fields.h"
#include "generate/design.h"
#include "generate/pipeline.h"

namespace odordiff::api {

inline constexpr std::size_t kMostBriefChars = 1'000;
inline constexpr std::size_t kMostSmilesChars = 400;  // parsing is cubic in a chain's length
inline constexpr int kMostMolecules = 100;
inline constexpr std::size_t kMostPrompts = 50;

// What POST /v1/generate and its relatives take beside briefs. Takes them from `fields`; the caller takes the
// rest, calls done(), and validates the request with its brief.
generate::Request take_generate_options(Fields& fields);

// The body of POST /v1/generate. Throws InvalidFields.
generate::Request read_generate(const Json& body);

// Under which the answer to `request` in the given form is kept: every field that can change it, and the
// model.
std::string cache_key(const std::string& model, const std::string& form, const generate::Request& request);

// What POST /generate and its relatives take beside prompts.
struct LegacyOptions {
  generate::Request request;  // without a brief
  bool use_cache = true;
};
// Takes them from `fields`; the caller takes the rest and calls done().
LegacyOptions take_legacy_options(Fields& fields);

// The bodies of POST /v1/design and of POST /design/fragrance.
generate::DesignRequest read_design(const Json& body);
generate::DesignRequest read_legacy_design(const Json& body);

}  // namespace odordiff::api
