// What administrators see and end: everybody's jobs, and the keys of callers.
#include <fmt/format.h>

#include "server/gate/key_admin.h"
#include "server/job_json.h"
#include "server/job_service.h"
#include "server/query.h"
#include "server/service.h"

namespace odordiff::server {
namespace {

// Why the job's next prompt is not at work.
Json waiting_json(const jobs::Runner::Waiting& waiting) {
  std::string why;
  if (!waiting.trouble.empty()) {
    why = "jobs cannot be stored: " + waiting.trouble;
  } else if (waiting.stopping) {
    why = "the server is stopping; the next one goes on";
  } else if (waiting.own_prompts_ahead > 0) {
    why = fmt::format("{} prompts of the owner's more urgent or earlier jobs come first",
                      waiting.own_prompts_ahead);
  } else if (waiting.in_work >= waiting.threads) {
    why = fmt::format("all {} places for prompts of jobs are taken (jobs.threads, broker.prompts)",
                      waiting.threads);
    if (waiting.other_owners > 0)
      why += fmt::format(", and {} other owners take turns", waiting.other_owners);
  } else {
    why = "it is about to begin";
  }
  return {{"why", why},
          {"own_prompts_ahead", waiting.own_prompts_ahead},
          {"other_owners", waiting.other_owners},
          {"in_work", waiting.in_work},
          {"places", waiting.threads}};
}

Json admin_job_json(JobService& jobs, const jobs::Status& status) {
  const bool open = !jobs::has_ended(status.state);
  Json json = {{"owner", status.owner}};
  json.update(job_json(status, open ? jobs.runner().progress(status.id) : std::nullopt));
  const auto waiting = open ? jobs.runner().waiting(status.id) : std::nullopt;
  json["waiting"] = waiting ? waiting_json(*waiting) : Json(nullptr);
  return json;
}

Outcome list_jobs(const Service& service, const Request& http) {
  require_json_accepted(http);
  JobService& jobs = jobs_of(service);
  Query query(http.query);
  const int limit = query.whole("limit", 1, kLargestPage, kUsualPage);
  const std::string cursor = query.digits("cursor"), owner = query.text("owner", 300),
                    state = query.text("state", 10);
  if (!state.empty() && state != "open" && state != "all") query.wrong("state", "must be open or all");
  if (!owner.empty() && state == "open")
    query.wrong("state", "goes without \"owner\", whose jobs are all listed");
  query.done();
  return Work{Priority::Errand, [&jobs, limit, cursor, owner, open = state == "open"](Call&) {
                const auto page = owner.empty() ? jobs.store().list_all(open, cursor, limit)
                                                : jobs.store().list(owner, cursor, limit);
                Json json = {{"jobs", Json::array()}, {"next", page.next ? Json(*page.next) : Json(nullptr)}};
                for (const auto& status : page.jobs) json["jobs"].push_back(admin_job_json(jobs, status));
                return json_response(json);
              }};
}

// A route on one job, whoever owns it.
Handler on_any_job(const Service& service, void (*act)(JobService&, const std::string& id)) {
  return [&service, act](const Request& http) -> Outcome {
    JobService& jobs = jobs_of(service);
    require_json_accepted(http);
    Query(http.query).done();
    return Work{Priority::Errand, [&jobs, act, id = http.parameters.at(0)](Call&) {
                  act(jobs, id);
                  const auto status = jobs.store().status(id);
                  if (!status) throw ProblemError({404, "not-found", "there is no such job"});
                  return json_response(admin_job_json(jobs, *status));
                }};
  };
}

void leave(JobService& /*jobs*/, const std::string& /*id*/) {}

void cancel(JobService& jobs, const std::string& id) {
  (void)jobs.runner().cancel(id);
}

KeyAdmin& keys_of(const Service& service) {
  if (service.keys != nullptr) return *service.keys;
  throw ProblemError({404, "keys-off", "this server was started without a file of keys"});
}

Outcome list_keys(const Service& service, const Request& http) {
  require_json_accepted(http);
  const KeyAdmin& keys = keys_of(service);
  Query(http.query).done();
  Json list = Json::array();
  for (const auto& key : keys.list()) {
    list.push_back({{"name", key.name},
                    {"subject", "key:" + key.name},
                    {"role", to_string(key.role)},
                    {"sha256", key.sha256.substr(0, 12)},
                    {"weight", key.weight}});
    for (const auto& limit : OwnQuota::members()) {
      const auto most = key.quota.*limit.value;
      list.back()[limit.name] = most ? Json(*most) : Json(nullptr);
    }
  }
  return json_response({{"keys", std::move(list)}});
}

Outcome revoke_key(const Service& service, const Request& http) {
  require_json_accepted(http);
  KeyAdmin& keys = keys_of(service);
  Query(http.query).done();
  return Work{Priority::Errand, [&keys, name = http.parameters.at(0)](Call&) {
                keys.revoke(name);
                return json_response({{"revoked", name}});
              }};
}

}  // namespace

void add_admin_routes(Router& router, const Service& service) {
  router.add({"GET", "/v1/admin/jobs", with(service, list_jobs)});
  router.add({"GET", "/v1/admin/jobs/{id}", on_any_job(service, leave)});
  router.add({"DELETE", "/v1/admin/jobs/{id}", on_any_job(service, cancel)});
  router.add({"GET", "/v1/admin/keys", with(service, list_keys)});
  router.add({"DELETE", "/v1/admin/keys/{name}", with(service, revoke_key)});
}

}  // namespace odordiff::server
