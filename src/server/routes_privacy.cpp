// The right to be forgotten: what a subject left behind is erased.
#include "server/problem.h"
#include "server/service.h"

namespace odordiff::server {
namespace {

constexpr std::size_t kMostSubjectBytes = 300;

Outcome erase(const Service& service, const Request& request) {
  require_json_accepted(request);
  const std::string& subject = request.parameters.front();
  if (subject.size() > kMostSubjectBytes) {
    throw ProblemError(
        {422, "invalid-input", "a subject has at most 300 bytes, such as key:NAME or jwt:SUB"});
  }
  return Work{Priority::Quick, [&service, subject](Call&) {
                Json erased = Json::object();
                for (const auto& erase_of : service.erasers) erase_of(subject, erased);
                return json_response({{"subject", subject}, {"erased", erased}});
              }};
}

}  // namespace

void add_privacy_routes(Router& router, const Service& service) {
  router.add({"DELETE", "/v1/privacy/{subject}", with(service, erase)});
}

}  // namespace odordiff::server
