#include "api/job_prompt.h"

#include <chrono>

#include "api/answer_json.h"
#include "api/fields.h"
#include "api/legacy_json.h"
#include "api/requests.h"

namespace odordiff::api {
namespace {

using Clock = std::chrono::steady_clock;

generate::Request read_legacy(const Json& members) {
  Fields fields(members);
  const std::string prompt = fields.required_text("prompt", kMostBriefChars);
  auto request = take_legacy_options(fields).request;
  request.brief = prompt;
  fields.done();
  return request;
}

}  // namespace

std::string legacy_prompt(const Json& request) {
  return Json({{"form", "legacy"}, {"request", request}}).dump();
}

std::string v1_prompt(const Json& request) {
  return Json({{"form", "v1"}, {"request", request}}).dump();
}

JobPrompt read_prompt(const std::string& kept) {
  try {
    const Json json = Json::parse(kept);
    const bool legacy = json.at("form") == "legacy";
    const Json& request = json.at("request");
    return {legacy, legacy ? read_legacy(request) : read_generate(request)};
  } catch (const Json::exception& error) {
    throw InvalidInput("this is no prompt of a job: " + std::string(error.what()));
  }
}

std::string prompt_answer(const std::string& kept,
                          const std::function<generate::Answer(const generate::Request&)>& generate) {
  const auto began = Clock::now();
  const JobPrompt prompt = read_prompt(kept);
  const auto answer = generate(prompt.request);
  if (!prompt.legacy) return compact(answer_json(answer));
  const double seconds = std::chrono::duration<double>(Clock::now() - began).count();
  Json json = legacy_answer_json(answer, {"", seconds, false});
  json.erase("request_id");
  return compact(json);
}

}  // namespace odordiff::api
