// What the routes work with, and the functions that hang them into the router, a group a file.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "fleet/shared_cache.h"
#include "generate/pipeline.h"
#include "observe/log.h"
#include "observe/metrics.h"
#include "server/answer_cache.h"
#include "server/http_metrics.h"
#include "server/http_server.h"
#include "server/router.h"
#include "server/workers.h"

namespace odordiff::server {

// What is counted of the pipeline's work.
struct PipelineMetrics {
  PipelineMetrics(observe::Registry& registry, const generate::Pipeline& pipeline);
  void count(const generate::Answer& answer);

  observe::Histogram& seconds;
  observe::Counter& answers;
  observe::Counter& molecules;
  observe::Counter& sampled;
  observe::Counter& invalid;
  observe::Counter& duplicate;
  observe::Counter& known;
  observe::Counter& filtered;
};

class JobService;
class EdgePurge;
class KeyAdmin;
class Usage;

// All of it outlives the server.
struct Service {
  const generate::Pipeline& pipeline;
  observe::Registry& registry;
  Workers& workers;
  const Lifecycle& lifecycle;
  PipelineMetrics& work;
  AnswerCache& cache;
  const fleet::SharedCache* shared_cache = nullptr;  // null: there is none
  JobService* jobs = nullptr;                        // null: there are none; given before the server starts
  KeyAdmin* keys = nullptr;                          // null: there is no file of keys
  Usage* usage = nullptr;                            // null: nobody has a quota of samples or jobs
  const HttpMetrics* http = nullptr;  // given before the server starts, once the routes are known
  EdgePurge* edge = nullptr;          // null: nothing that we know of stands before the servers
  // Answers a prompt as jobs keep it (api/job_prompt.h), on another machine; empty: there is no broker.
  std::function<std::string(const std::string& prompt, const std::atomic<bool>& cancel)> elsewhere = {};
  std::string version = {};
  bool profiling = false;                          // whether /debug/pprof may be asked
  std::function<std::string()> heap_profile = {};  // for pprof; empty: there is none
  // What forgets a subject, and counts what it erased: {"audit_lines": 12}. They may throw Unavailable.
  std::vector<std::function<void(const std::string& subject, Json& erased)>> erasers = {};
  std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();

  // Counts what the request is going to draw, `times` over, against its caller's quota. Throws ProblemError
  // 403, 429.
  void draw(const Request& asked, const generate::Request& request, std::size_t times = 1) const;

  // pipeline.generate(), counted.
  generate::Answer generate(const generate::Request& request, const std::atomic<bool>* cancel,
                            const generate::Watch& watch = {}) const;
};

// A handler that needs the service, as a route takes it.
Handler with(const Service& service, Outcome (*handle)(const Service&, const Request&));

// The whole API. `service` must outlive the router.
Router make_router(const Service& service);

void add_health_routes(Router& router, const Service& service);    // health, stats, metrics, openapi.json
void add_generate_routes(Router& router, const Service& service);  // answers and their streams
void add_scaled_routes(Router& router, const Service& service);    // /generate/scaled
void add_operation_routes(Router& router,
                          const Service& service);  // describe, assess, understand, nearest, design
void add_molecule_routes(Router& router, const Service& service);  // one molecule: judged, drawn, taken apart
void add_job_routes(Router& router, const Service& service);
void add_studio_routes(Router& router);  // the pages
void add_debug_routes(Router& router, const Service& service);
void add_privacy_routes(Router& router, const Service& service);
void add_cache_routes(Router& router, const Service& service);
void add_admin_routes(Router& router, const Service& service);  // everybody's jobs, keys

// Compact JSON, or text that is JSON already, as an answer that nobody stores.
Response json_response(const Json& json, int status = 200);
Response json_text_response(std::string text, int status = 200);
// The JSON of the earlier contract for those who wait for it, and, as a hit, for those who find it.
AnswerCache::Made legacy_made(Json json, bool keep);
// JSON that is made for this request alone, and kept nowhere.
Work made_for_one(Priority priority, AnswerCache::Make make);
// Throws ProblemError 503 where the server has no jobs.
JobService& jobs_of(const Service& service);
// Throws ProblemError 406 unless the client takes JSON.
void require_json_accepted(const Request& request);

// The OpenAPI 3.1 document, with this program's version.
const std::string& openapi_document();

}  // namespace odordiff::server
