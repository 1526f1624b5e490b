// The operations of the API (api/operations.h): a body is read at once, a worker answers, and nothing is
// kept.
#include "api/operations.h"

#include "server/service.h"

namespace odordiff::server {

void add_operation_routes(Router& router, const Service& service) {
  const auto add = [&](const char* path, Priority priority, api::Operation (*read)(const Json&)) {
    router.add({"POST", path,
                [&service, priority, read](const Request& http) -> Outcome {
                  require_json_accepted(http);
                  return Work{priority, [&service, answer = read(api::parse_object(http.body))](Call& call) {
                                return json_response(answer(service.pipeline, call.cancelled()));
                              }};
                },
                true});
  };
  add("/v1/describe", Priority::Quick, api::describe);
  add("/v1/assess", Priority::Quick, api::assess);
  add("/assess/safety", Priority::Quick, api::assess_one);
  add("/v1/understand", Priority::Quick, api::understand);
  add("/v1/nearest", Priority::Quick, api::nearest);
  add("/v1/design", Priority::Normal, api::design);
  add("/design/fragrance", Priority::Normal, api::legacy_design);
}

}  // namespace odordiff::server
