// For those who look for what the process spends its time on.
#include "server/cpu_profile.h"
#include "server/problem.h"
#include "server/query.h"
#include "server/service.h"

namespace odordiff::server {
namespace {

constexpr int kUsualSeconds = 10, kMostSeconds = 60;

void require_profiling(const Service& service) {
  if (service.profiling) return;
  throw ProblemError({404, "not-found", "profiling is off; start the server with --enable-profiling"});
}

Response download(const char* type, const char* name, std::string bytes) {
  Response out = text_response(200, type, std::move(bytes));
  out.headers = {{"Cache-Control", "no-store"},
                 {"Content-Disposition", std::string("attachment; filename=\"") + name + "\""}};
  return out;
}

Outcome profile(const Service& service, const Request& request) {
  require_profiling(service);
  Query query(request.query);
  const int seconds = query.whole("seconds", 1, kMostSeconds, kUsualSeconds);
  query.done();
  return Work{Priority::Quick, [seconds](Call& call) {
                return download("application/octet-stream", "profile",
                                cpu_profile(std::chrono::seconds(seconds),
                                            [&call] { return call.ending() != Ending::None; }));
              }};
}

Outcome heap(const Service& service, const Request& request) {
  require_profiling(service);
  Query(request.query).done();
  if (!service.heap_profile) throw Unavailable("this program takes no profiles of the heap");
  return Work{Priority::Quick,
              [&service](Call&) { return download("text/plain", "heap", service.heap_profile()); }};
}

}  // namespace

void add_debug_routes(Router& router, const Service& service) {
  router.add({"GET", "/debug/pprof/profile", with(service, profile)});
  router.add({"GET", "/debug/pprof/heap", with(service, heap)});
}

}  // namespace odordiff::server
