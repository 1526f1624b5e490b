// One prompt of a job as it is kept and handed to other machines: a request in the words of the API, so that
// a later version of the program reads it as it would read a client.
#pragma once

#include <functional>
#include <string>

#include "api/json.h"
#include "generate/pipeline.h"

namespace odordiff::api {

// {"form": "legacy", "request": the members of POST /generate} or {"form": "v1", "request": those of
// POST /v1/generate}, as text.
std::string legacy_prompt(const Json& request);
std::string v1_prompt(const Json& request);

struct JobPrompt {
  bool legacy = false;
  generate::Request request;
};
// Throws InvalidInput where this version takes such a request no more.
JobPrompt read_prompt(const std::string& kept);

// Makes the answer to a prompt, on one line; a legacy one is without its request's id. Throws as `generate`
// and read_prompt() do.
std::string prompt_answer(const std::string& kept,
                          const std::function<generate::Answer(const generate::Request&)>& generate);

}  // namespace odordiff::api
