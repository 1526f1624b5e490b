// For those who look for what the process spends its time on.
#include <charconv>

#include "server/cpu_profile.h"
#include "server/problem.h"
#include "server/service.h"

namespace odordiff::server {
namespace {

constexpr int kUsualSeconds = 10, kMostSeconds = 60;

// Of the query, `seconds=N`.
int seconds_of(const Request& request) {
  constexpr std::string_view kName = "seconds=";
  if (request.query.empty()) return kUsualSeconds;
  const std::string_view query = request.query;
  int seconds = 0;
  const char* end = query.data() + query.size();
  if (query.starts_with(kName)) {
    const auto [stop, error] = std::from_chars(query.data() + kName.size(), end, seconds);
    if (error == std::errc{} && stop == end && seconds >= 1 && seconds <= kMostSeconds) return seconds;
  }
  throw ProblemError({422,
                      "invalid-fields",
                      "seconds is a whole number from 1 to 60, and the only parameter",
                      {{"seconds", "must be a whole number from 1 to 60"}}});
}

Outcome profile(const Service& service, const Request& request) {
  if (!service.profiling) {
    throw ProblemError({404, "not-found", "profiling is off; start the server with --enable-profiling"});
  }
  return Work{Priority::Quick, [seconds = seconds_of(request)](Call& call) {
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
  router.add({"GET", "/debug/pprof/profile",
              [&service](const Request& request) { return profile(service, request); }});
}

}  // namespace odordiff::server
