// How the process is: health for balancers, figures for people and for Prometheus, and the API's own
// description.
#include <cmath>
#include <utility>

#include "api/answer_json.h"
#include "observe/process.h"
#include "server/job_service.h"
#include "server/openapi_text.h"
#include "server/service.h"

namespace odordiff::server {
namespace {

using api::rounded;

Json queue_json(const Workers::Load& load) {
  return {{"waiting", load.waiting},
          {"capacity", load.max_queue},
          {"working", load.working},
          {"workers", load.threads},
          {"expected_wait_seconds", rounded(load.expected_wait_s, 3)}};
}

// What the database of jobs refused last; empty: nothing, or there is none.
std::string trouble_with_jobs(const Service& service) {
  return service.jobs == nullptr ? std::string() : service.jobs->runner().load().trouble;
}

// Without a place for jobs all else goes on.
const char* status_of(const Service& service) {
  if (!service.lifecycle.ready.load()) return "draining";
  return trouble_with_jobs(service).empty() ? "healthy" : "degraded";
}

Response health(const Service& service) {
  const bool ready = service.lifecycle.ready.load();
  return json_response({{"status", status_of(service)},
                        {"version", service.version},
                        {"model", service.pipeline.identity().name},
                        {"uptime_seconds", rounded(seconds_since(service.started), 3)},
                        {"timestamp", observe::utc_now()}},
                       ready ? 200 : 503);
}

Response ready(const Service& service) {
  const bool ready = service.lifecycle.ready.load();
  return json_response({{"ready", ready}}, ready ? 200 : 503);
}

// Answers go on without it.
Json redis_json(const fleet::SharedCache& shared) {
  const auto redis = shared.redis_status();
  const char* breaker = redis.breaker == fleet::redis::BreakerState::Closed ? "closed"
                        : redis.breaker == fleet::redis::BreakerState::Open ? "open"
                                                                            : "half-open";
  return {{"status", redis.ready ? "healthy" : "degraded"},
          {"server", redis.server},
          {"breaker", breaker},
          {"connections", redis.connections},
          {"reconnects", redis.reconnects},
          {"failovers", redis.failovers},
          {"trouble", redis.trouble.empty() ? Json(nullptr) : Json(redis.trouble)}};
}

Json tiers_json(const Service& service) {
  const auto memory = service.cache.stats();
  Json tiers = {{"memory",
                 {{"items", memory.items},
                  {"bytes", memory.bytes},
                  {"hits", memory.hits},
                  {"misses", memory.misses},
                  {"from_below", memory.from_below},
                  {"computed", memory.computed},
                  {"purged", memory.purged}}},
                {"redis", nullptr}};
  if (service.shared_cache == nullptr) return tiers;
  const auto shared = service.shared_cache->stats();
  tiers["redis"] = {{"hits", shared.hits},
                    {"misses", shared.misses},
                    {"stored", shared.stored},
                    {"raw_bytes", shared.raw_bytes},
                    {"stored_bytes", shared.stored_bytes},
                    {"errors", shared.errors},
                    {"poisoned", shared.poisoned},
                    {"outdated", shared.outdated},
                    {"invalidations", shared.invalidations},
                    {"claims", shared.claims},
                    {"lease_waits", shared.lease_waits}};
  return tiers;
}

Response detailed(const Service& service) {
  const auto process = observe::process_figures();
  const auto sampler = service.pipeline.load();
  const auto load = service.workers.load();
  const bool ready = service.lifecycle.ready.load();
  Json json = {{"status", status_of(service)},
               {"version", service.version},
               {"uptime_seconds", rounded(seconds_since(service.started), 3)},
               {"timestamp", observe::utc_now()}};
  Json model = {{"status", "healthy"}};
  model.update(api::identity_json(service.pipeline.identity()));
  json["components"] = {{"model", std::move(model)},
                        {"queue", {{"status", load.waiting < load.max_queue ? "healthy" : "full"}}},
                        {"sampler",
                         {{"status", "healthy"},
                          {"active_sequences", sampler.active_sequences},
                          {"waiting_requests", sampler.waiting_requests}}}};
  json["components"]["queue"].update(queue_json(load));
  if (service.shared_cache != nullptr) {
    json["components"]["redis"] = redis_json(*service.shared_cache);
    if (json["status"] == "healthy") json["status"] = json["components"]["redis"]["status"];
  }
  if (service.jobs != nullptr) {
    const std::string trouble = trouble_with_jobs(service);
    json["components"]["jobs"] = {{"status", trouble.empty() ? "healthy" : "degraded"},
                                  {"trouble", trouble.empty() ? Json(nullptr) : Json(trouble)}};
  }
  json["process"] = {{"resident_bytes", process.resident_bytes},
                     {"cpu_seconds", rounded(process.cpu_seconds, 2)},
                     {"open_files", process.open_files}};
  return json_response(json, ready ? 200 : 503);
}

Json http_json(const HttpMetrics& http) {
  Json by_status = Json::object();
  std::uint64_t all = 0;
  for (const auto& [status, count] : http.by_status()) {
    by_status[std::to_string(status)] = count;
    all += count;
  }
  return {{"requests", all},
          {"by_status", by_status},
          {"connections", std::lround(http.connections.value())},
          {"streams", std::lround(http.streams.value())},
          {"sent_bytes", http.sent_bytes.value()}};
}

Response stats(const Service& service) {
  const auto& work = service.work;
  const auto sampler = service.pipeline.load();
  Json json;
  json["uptime_seconds"] = rounded(seconds_since(service.started), 3);
  if (service.http != nullptr) json["http"] = http_json(*service.http);
  json["queue"] = queue_json(service.workers.load());
  json["generation"] = {{"answers", work.answers.value()},
                        {"molecules", work.molecules.value()},
                        {"samples", work.sampled.value()},
                        {"invalid", work.invalid.value()},
                        {"duplicate", work.duplicate.value()},
                        {"known", work.known.value()},
                        {"filtered", work.filtered.value()},
                        {"seconds_p50", rounded(work.seconds.quantile(0.5), 4)},
                        {"seconds_p95", rounded(work.seconds.quantile(0.95), 4)},
                        {"seconds_p99", rounded(work.seconds.quantile(0.99), 4)}};
  const auto cache = service.cache.stats();
  json["cache"] = {{"items", cache.items},   {"bytes", cache.bytes},         {"hits", cache.hits},
                   {"misses", cache.misses}, {"coalesced", cache.coalesced}, {"evicted", cache.evicted}};
  json["cache"]["tiers"] = tiers_json(service);
  json["sampler"] = {
      {"steps", sampler.steps},
      {"sequences", sampler.sequences},
      {"mean_batch",
       sampler.steps == 0
           ? Json(nullptr)
           : rounded(static_cast<double>(sampler.lanes) / static_cast<double>(sampler.steps), 2)},
      {"active_sequences", sampler.active_sequences}};
  json["jobs"] = nullptr;
  if (service.jobs != nullptr) {
    const auto jobs = service.jobs->runner().load();
    json["jobs"] = {{"open", jobs.open_jobs},
                    {"prompts_waiting", jobs.waiting_prompts},
                    {"prompts_in_work", jobs.in_work},
                    {"trouble", jobs.trouble.empty() ? Json(nullptr) : Json(jobs.trouble)}};
  }
  return json_response(json);
}

}  // namespace

const std::string& openapi_document() {
  static const std::string text(kOpenApiText);
  return text;
}

void add_health_routes(Router& router, const Service& service) {
  const auto add = [&](const char* path, Response (*answer)(const Service&)) {
    router.add({"GET", path, [&service, answer](const Request&) { return answer(service); }});
  };
  add("/health", health);
  add("/health/ready", ready);
  add("/health/live", [](const Service&) { return json_response({{"alive", true}}); });
  add("/health/detailed", detailed);
  add("/stats", stats);
  add("/metrics", [](const Service& s) {
    return text_response(200, "text/plain; version=0.0.4; charset=utf-8", s.registry.text());
  });
  add("/openapi.json", [](const Service&) {
    static const auto body = std::make_shared<const std::string>(openapi_document());
    Response out;
    out.content_type = "application/json";
    out.body = body;
    return out;
  });
}

}  // namespace odordiff::server
