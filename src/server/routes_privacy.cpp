// The right to be forgotten: what a subject left behind is erased.
#include "server/problem.h"
#include "server/query.h"
#include "server/service.h"

namespace odordiff::server {
namespace {

constexpr std::size_t kMostSubjectBytes = 300;

Outcome erase(const Service& service, const Request& request) {
  require_json_accepted(request);
  Query(request.query).done();
  const std::string& subject = request.parameters.front();
  const bool named = subject.starts_with("key:") || subject.starts_with("jwt:") || subject == "anonymous";
  if (!named || subject.size() > kMostSubjectBytes) {
    throw ProblemError(
        {422, "invalid-input", "a subject is key:NAME, jwt:SUB or anonymous, of at most 300 bytes"});
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
