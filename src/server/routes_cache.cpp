// Forgetting answers before their time: after a change of rules, say, or when one was wrong.
#include <algorithm>
#include <cctype>
#include <string_view>

#include "api/fields.h"
#include "server/edge_purge.h"
#include "server/problem.h"
#include "server/service.h"

namespace odordiff::server {
namespace {

constexpr std::size_t kMostTags = 100, kLongestTag = 200;

bool is_tag(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 ||
           std::string_view("._:/-").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

Outcome purge(const Service& service, const Request& request) {
  require_json_accepted(request);
  const Json body = api::parse_object(request.body);
  api::Fields fields(body);
  std::vector<std::string> tags;
  if (fields.has("tags")) tags = fields.required_texts("tags", kMostTags, kLongestTag);
  const bool all = fields.flag("all", false);
  // They go into headers of what is told, and into patterns there.
  if (!std::all_of(tags.begin(), tags.end(), is_tag)) {
    fields.wrong("tags", "are made of letters, digits and . _ : / -");
  }
  fields.done();
  if (tags.empty() != all) {
    throw ProblemError({422, "invalid-input", R"(say what shall go: {"tags": ["..."]}, or {"all": true})"});
  }
  return Work{Priority::Quick, [&service, tags, all](Call&) {
                std::size_t count = 0;
                for (const auto& tag : tags) count += service.cache.purge_tag(tag);
                if (all) count = service.cache.purge_all();
                std::string trouble;
                if (service.edge != nullptr) trouble = service.edge->purge(tags);
                const bool reached =
                    service.shared_cache != nullptr && service.shared_cache->redis_status().ready;
                return json_response({{"purged_here", count},
                                      {"elsewhere", service.shared_cache == nullptr ? "none"
                                                    : reached                       ? "told"
                                                                                    : "later"},
                                      {"edge", service.edge == nullptr ? "none"
                                               : trouble.empty()       ? "told"
                                                                       : "not told: " + trouble}});
              }};
}

}  // namespace

void add_cache_routes(Router& router, const Service& service) {
  router.add({"POST", "/v1/cache/purge", with(service, purge), true});
}

}  // namespace odordiff::server
