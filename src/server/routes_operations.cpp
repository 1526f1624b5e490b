// The operations of the API (api/operations.h): a body is read at once, a worker answers, and nothing is
// kept.
#include "api/operations.h"

#include <utility>

#include "generate/design.h"
#include "server/service.h"

namespace odordiff::server {

constexpr int kDrawnForANote = 20;  // molecules of a design, which chooses among them

void add_operation_routes(Router& router, const Service& service) {
  // `drawn`: what is generated in its course, `times` over.
  const auto add = [&](const char* path, Priority priority, api::Operation (*read)(const Json&),
                       std::size_t times = 0, const generate::Request& drawn = {}) {
    router.add({"POST", path,
                [&service, priority, read, times, drawn](const Request& http) -> Outcome {
                  require_json_accepted(http);
                  auto answer = read(api::parse_object(http.body));
                  service.draw(http, drawn, times);
                  return Work{priority, [&service, answer = std::move(answer)](Call& call) {
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
  generate::Request note;
  note.count = kDrawnForANote;
  add("/v1/design", Priority::Normal, api::design, generate::kNotes, note);
  add("/design/fragrance", Priority::Normal, api::legacy_design, generate::kNotes, note);
}

}  // namespace odordiff::server
