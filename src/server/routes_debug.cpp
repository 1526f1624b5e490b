// For those who look for what the process spends its time on.
#include "server/cpu_profile.h"
#include "server/problem.h"
#include "server/query.h"
#include "server/service.h"

namespace odordiff::server {
namespace {

constexpr int kUsualSeconds = 10, kMostSeconds = 60;

Outcome profile(const Service& service, const Request& request) {
  if (!service.profiling) {
    throw ProblemError({404, "not-found", "profiling is off; start the server with --enable-profiling"});
  }
  Query query(request.query);
  const int seconds = query.whole("seconds", 1, kMostSeconds, kUsualSeconds);
  query.done();
  return Work{Priority::Quick, [seconds](Call& call) {
                std::string taken = cpu_profile(std::chrono::seconds(seconds),
                                                [&call] { return call.ending() != Ending::None; });
                Response out = text_response(200, "application/octet-stream", std::move(taken));
                out.headers = {{"Cache-Control", "no-store"},
                               {"Content-Disposition", "attachment; filename=\"profile\""}};
                return out;
              }};
}

}  // namespace

void add_debug_routes(Router& router, const Service& service) {
  router.add({"GET", "/debug/pprof/profile", with(service, profile)});
}

}  // namespace odordiff::server
