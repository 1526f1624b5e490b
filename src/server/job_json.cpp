#include "server/job_json.h"

#include <fmt/format.h>

#include "api/answer_json.h"
#include "api/legacy_json.h"
#include "observe/log.h"
#include "server/call.h"

namespace odordiff::server {
namespace {

using api::rounded;

Json time_json(std::optional<std::int64_t> ms) {
  return ms ? Json(observe::utc_text(*ms)) : Json(nullptr);
}

Json webhook_json(const std::optional<jobs::WebhookStatus>& webhook) {
  if (!webhook) return nullptr;
  return {{"url", webhook->url},
          {"attempts", webhook->attempts},
          {"status", webhook->delivered  ? "delivered"
                     : webhook->given_up ? "given_up"
                                         : "waiting"}};
}

// What a broken promise of our own says stays inside.
std::string detail_of(const jobs::Result& result) {
  return result.error_kind == "internal" ? "something went wrong on our side" : result.body;
}

bool is_legacy(const Json& prompt) {
  return prompt.at("form") == "legacy";
}

// Answers are kept without the job's id, which was not known when they were made.
std::string with_request_id(const std::string& job, const std::string& body) {
  return fmt::format("{{\"request_id\":\"{}\",{}", job, std::string_view(body).substr(1));
}

Json remaining_json(const jobs::Progress& progress) {
  return progress.seconds_left ? rounded(*progress.seconds_left, 1) : Json(nullptr);
}

}  // namespace

Json job_json(const jobs::Status& status, const std::optional<jobs::Progress>& progress) {
  return {{"id", status.id},
          {"status", jobs::name_of(status.state)},
          {"priority", status.priority},
          {"total", status.total},
          {"done", status.done},
          {"failed", status.failed},
          {"rate_per_second", progress ? rounded(progress->per_second, 3) : Json(nullptr)},
          {"remaining_seconds", progress ? remaining_json(*progress) : Json(nullptr)},
          {"accepted_at", time_json(status.accepted_ms)},
          {"started_at", time_json(status.started_ms)},
          {"ended_at", time_json(status.ended_ms)},
          {"expires_at", time_json(status.expires_ms)},
          {"deleted_at", time_json(status.deleted_ms)},
          {"webhook", webhook_json(status.webhook)},
          {"results", "/v1/jobs/" + status.id + "/results"}};
}

Json legacy_job_json(const jobs::Status& status) {
  return {{"job_id", status.id},
          {"status", jobs::name_of(status.state)},
          {"priority", status.priority},
          {"total_prompts", status.total},
          {"completed", status.done},
          {"failed", status.failed},
          {"progress", rounded(static_cast<double>(status.done) / status.total, 4)},
          {"created_at", time_json(status.accepted_ms)},
          {"started_at", time_json(status.started_ms)},
          {"completed_at", time_json(status.ended_ms)},
          {"expires_at", time_json(status.expires_ms)},
          {"results_url", "/jobs/" + status.id + "/results"}};
}

Json job_progress_json(const jobs::Progress& progress) {
  return {{"status", jobs::name_of(progress.state)},
          {"done", progress.done},
          {"total", progress.total},
          {"failed", progress.failed},
          {"rate_per_second", rounded(progress.per_second, 3)},
          {"remaining_seconds", remaining_json(progress)}};
}

std::string result_text(const std::string& job, const jobs::Result& result) {
  const Json prompt = Json::parse(result.prompt);
  const bool legacy = is_legacy(prompt);
  std::string out = fmt::format("{{\"index\":{},\"finished_at\":\"{}\",\"failed\":{},", result.index,
                                observe::utc_text(result.finished_ms), result.failed);
  if (result.failed) {
    const Json error = {{"kind", result.error_kind}, {"detail", detail_of(result)}};
    out +=
        fmt::format("\"brief\":{},\"error\":{}}}",
                    prompt.at("request").value(legacy ? "prompt" : "brief", Json("")).dump(), compact(error));
    return out;
  }
  return out += fmt::format("\"answer\":{}}}", legacy ? with_request_id(job, result.body) : result.body);
}

std::string legacy_result_text(const std::string& job, const jobs::Result& result) {
  const Json prompt = Json::parse(result.prompt);
  if (result.failed) {
    const Json text = prompt.at("request").value(is_legacy(prompt) ? "prompt" : "brief", Json(""));
    return compact(api::legacy_error_json(text, detail_of(result), {job, 0, false}));
  }
  return is_legacy(prompt) ? with_request_id(job, result.body) : result.body;
}

}  // namespace odordiff::server
