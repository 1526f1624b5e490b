// Fragrances of notes, by the clean and by the earlier names of their fields.
#include "generate/design_json.h"
#include "server/generate_input.h"
#include "server/service.h"

namespace odordiff::server {
namespace {

Outcome answer(const Service& service, generate::DesignRequest request) {
  return Work{Priority::Normal, [&service, request = std::move(request)](Call& call) {
                return json_response(
                    generate::design_json(generate::design(service.pipeline, request, call.cancelled())));
              }};
}

}  // namespace

void add_design_routes(Router& router, const Service& service) {
  const auto add = [&](const char* path, generate::DesignRequest (*read)(const Json&)) {
    router.add({"POST", path,
                [&service, read](const Request& request) {
                  require_json_accepted(request);
                  return answer(service, read(parse_object(request.body)));
                },
                true});
  };
  add("/v1/design", read_design);
  add("/design/fragrance", read_legacy_design);
}

}  // namespace odordiff::server
