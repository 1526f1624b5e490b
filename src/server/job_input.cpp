#include "server/job_input.h"

#include <algorithm>

#include "api/fields.h"
#include "api/job_prompt.h"
#include "api/requests.h"
#include "server/problem.h"
#include "server/subject.h"
#include "server/webhook_url.h"

namespace odordiff::server {
namespace {

constexpr double kLongestLife_s = 30 * 86'400;
constexpr std::size_t kMostKeyChars = 255;

jobs::Submission submission_of(const Request& http) {
  jobs::Submission out;
  out.owner = subject_of(http);
  if (!http.has_header("idempotency-key")) return out;
  const std::string key(http.header("idempotency-key"));
  const bool good = !key.empty() && key.size() <= kMostKeyChars &&
                    std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < 127; });
  if (!good) {
    const std::string detail = "must be 1 to 255 visible ASCII characters";
    throw ProblemError({400, "invalid-header", "Idempotency-Key " + detail, {{"Idempotency-Key", detail}}});
  }
  out.idempotency_key = key;
  return out;
}

// One prompt for each text: the members of `options` and the text under `name`.
void keep_prompts(jobs::Submission& out, std::string (*kept)(const Json&), const Json& options,
                  const char* name, const std::vector<std::string>& texts) {
  for (const auto& text : texts) {
    Json request = options;
    request[name] = text;
    out.prompts.push_back(kept(request));
  }
}

}  // namespace

JobInput read_legacy_batch(const Request& http) {
  jobs::Submission out = submission_of(http);
  Json body = api::parse_object(http.body);
  api::Fields fields(body);
  const auto prompts = fields.required_texts("prompts", api::kMostPrompts, api::kMostBriefChars);
  const generate::Request each = api::take_legacy_options(fields).request;
  out.priority = fields.whole("priority", 0, 10, kUsualPriority);
  fields.done();
  for (const char* name : {"prompts", "priority"}) body.erase(name);
  keep_prompts(out, api::legacy_prompt, body, "prompt", prompts);
  return {std::move(out), each};
}

JobInput read_batch(const Request& http) {
  jobs::Submission out = submission_of(http);
  Json body = api::parse_object(http.body);
  api::Fields fields(body);
  const auto briefs = fields.required_texts("briefs", kMostBriefs, api::kMostBriefChars);
  generate::Request request = api::take_generate_options(fields);
  out.priority = fields.whole("priority", 0, 10, kUsualPriority);
  const double life_s = fields.number("expires_after_seconds", 1, kLongestLife_s, 0);
  const std::string webhook = fields.text("webhook", kMostUrlChars);
  if (!webhook.empty() && !parse_webhook_url(webhook)) {
    fields.wrong("webhook", "must be an http or https URL of a named host, such as https://example.com/done");
  }
  fields.done();
  request.brief = briefs.front();
  generate::validate(request);
  if (life_s > 0) out.expires_after_ms = static_cast<std::int64_t>(life_s * 1000);
  if (!webhook.empty()) out.webhook = webhook;
  for (const char* name : {"briefs", "priority", "expires_after_seconds", "webhook"}) body.erase(name);
  keep_prompts(out, api::v1_prompt, body, "brief", briefs);
  return {std::move(out), request};
}

}  // namespace odordiff::server
