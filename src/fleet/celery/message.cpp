#include "fleet/celery/message.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/base64.h"
#include "base/sha256.h"

namespace odordiff::fleet {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kSeparator = "\x06\x16";

// Broken UTF-8 is replaced.
std::string dumped(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string celery_list(const std::string& queue, int priority) {
  return priority == 0 ? queue : fmt::format("{}{}{}", queue, kSeparator, priority);
}

std::string task_id_of(std::string_view name) {
  const std::string hex = sha256_hex(name);
  return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4),
                     hex.substr(16, 4), hex.substr(20, 12));
}

std::string celery_result_key(const std::string& task_id) {
  return "celery-task-meta-" + task_id;
}

std::string celery_message(const CeleryTask& task, const std::string& delivery_tag) {
  const Json arguments = Json::array({task.argument});
  const Json embedded = {
      {"callbacks", nullptr}, {"errbacks", nullptr}, {"chain", nullptr}, {"chord", nullptr}};
  const Json body = Json::array({arguments, Json::object(), embedded});
  Json headers = {{"lang", "py"},
                  {"task", task.name},
                  {"id", task.id},
                  {"shadow", nullptr},
                  {"eta", nullptr},
                  {"expires", nullptr},
                  {"group", nullptr},
                  {"group_index", nullptr},
                  {"retries", 0},
                  {"timelimit", {nullptr, nullptr}},
                  {"root_id", task.id},
                  {"parent_id", nullptr},
                  {"argsrepr", "(...)"},
                  {"kwargsrepr", "{}"},
                  {"origin", task.origin},
                  {"ignore_result", false},
                  {"replaced_task_nesting", 0},
                  {"stamped_headers", nullptr},
                  {"stamps", Json::object()},
                  {"odordiff", 1}};  // the version of our workers' contract
  if (!task.model_digest.empty())
    headers["odordiff_model"] = {{"digest", task.model_digest}, {"precision", task.precision}};
  const Json properties = {
      {"correlation_id", task.id},   {"reply_to", task.id},
      {"delivery_mode", 2},          {"delivery_info", {{"exchange", ""}, {"routing_key", task.queue}}},
      {"priority", task.priority},   {"body_encoding", "base64"},
      {"delivery_tag", delivery_tag}};
  return dumped({{"body", base64_encoded(dumped(body))},
                 {"content-encoding", "utf-8"},
                 {"content-type", "application/json"},
                 {"headers", headers},
                 {"properties", properties}});
}

std::string celery_task_id(const std::string& message) {
  const Json json = Json::parse(message, nullptr, false);
  if (!json.is_object() || !json.contains("headers") || !json["headers"].is_object()) return {};
  const Json id = json["headers"].value("id", Json());
  return id.is_string() ? id.get<std::string>() : std::string();
}

std::optional<CeleryResult> read_celery_result(const std::string& bytes) {
  Json json = Json::parse(bytes, nullptr, false);
  if (json.is_discarded()) json = Json::from_msgpack(bytes, true, false);
  if (!json.is_object() || !json.contains("status") || !json["status"].is_string()) return std::nullopt;
  const Json& status = json["status"];
  const Json result = json.value("result", Json());
  CeleryResult out;
  if (status == "SUCCESS") {
    if (!result.is_string()) return std::nullopt;
    out.state = CeleryResult::State::Done;
    out.text = result;
  } else if (status == "FAILURE" || status == "REVOKED") {
    out.state = CeleryResult::State::Failed;
    out.error_type = status == "REVOKED" ? "Revoked" : "";
    if (!result.is_object()) return out;
    if (result.value("exc_type", Json()).is_string()) out.error_type = result["exc_type"];
    const Json message = result.value("exc_message", Json());
    if (message.is_string()) out.text = message;
    if (message.is_array() && !message.empty() && message[0].is_string()) out.text = message[0];
  }
  return out;
}

}  // namespace odordiff::fleet
