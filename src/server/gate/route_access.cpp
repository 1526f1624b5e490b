#include "server/gate/route_access.h"

#include <algorithm>
#include <iterator>

namespace odordiff::server {
namespace {

struct Entry {
  Role least;
  std::string_view method, pattern;
};

constexpr Entry kTable[] = {
    {Role::None, "GET", "/health"},
    {Role::None, "GET", "/health/live"},
    {Role::None, "GET", "/health/ready"},
    {Role::None, "GET", "/openapi.json"},
    {Role::None, "GET", "/"},
    {Role::None, "GET", "/docs"},
    {Role::None, "GET", "/redoc"},
    {Role::None, "GET", "/assets/{file}"},
    {Role::None, "GET", "/favicon.svg"},
    {Role::None, "GET", "/molecules/{molecule}/visualize"},  // any molecule's page; it asks for a key itself

    {Role::Viewer, "GET", "/health/detailed"},
    {Role::Viewer, "GET", "/stats"},
    {Role::Viewer, "GET", "/scaling/stats"},
    {Role::Viewer, "GET", "/metrics"},
    {Role::Viewer, "GET", "/v1/molecules/{molecule}"},
    {Role::Viewer, "GET", "/v1/molecules/{molecule}/fragments"},
    {Role::Viewer, "GET", "/v1/molecules/{molecule}/routes"},
    {Role::Viewer, "POST", "/v1/understand"},
    {Role::Viewer, "POST", "/v1/nearest"},
    {Role::Viewer, "POST", "/v1/describe"},
    {Role::Viewer, "POST", "/v1/assess"},
    {Role::Viewer, "POST", "/assess/safety"},

    {Role::Chemist, "POST", "/generate"},
    {Role::Chemist, "POST", "/generate/batch/streaming"},
    {Role::Chemist, "GET", "/v1/generate"},
    {Role::Chemist, "POST", "/v1/generate"},
    {Role::Chemist, "POST", "/v1/design"},
    {Role::Chemist, "POST", "/design/fragrance"},
    {Role::Chemist, "POST", "/generate/batch"},
    {Role::Chemist, "POST", "/generate/scaled"},
    {Role::Chemist, "GET", "/ws/generate/batch"},
    {Role::Chemist, "GET", "/jobs/{id}"},
    {Role::Chemist, "GET", "/jobs/{id}/results"},
    {Role::Chemist, "POST", "/v1/batches"},
    {Role::Chemist, "GET", "/v1/jobs"},
    {Role::Chemist, "GET", "/v1/jobs/{id}"},
    {Role::Chemist, "DELETE", "/v1/jobs/{id}"},
    {Role::Chemist, "GET", "/v1/jobs/{id}/results"},

    {Role::Admin, "GET", "/debug/pprof/profile"},
    {Role::Admin, "GET", "/debug/pprof/heap"},
    {Role::Admin, "DELETE", "/v1/privacy/{subject}"},
    {Role::Admin, "POST", "/v1/cache/purge"},
    {Role::Admin, "GET", "/v1/admin/jobs"},
    {Role::Admin, "GET", "/v1/admin/jobs/{id}"},
    {Role::Admin, "DELETE", "/v1/admin/jobs/{id}"},
    {Role::Admin, "GET", "/v1/admin/keys"},
    {Role::Admin, "DELETE", "/v1/admin/keys/{name}"},
};

const Entry* find(std::string_view method, std::string_view pattern) {
  const auto* found = std::find_if(std::begin(kTable), std::end(kTable), [&](const Entry& entry) {
    return entry.method == method && entry.pattern == pattern;
  });
  return found == std::end(kTable) ? nullptr : found;
}

}  // namespace

Role least_role(std::string_view method, std::string_view pattern) {
  const Entry* entry = find(method, pattern);
  return entry == nullptr ? Role::Admin : entry->least;
}

bool is_probe(std::string_view pattern) {
  return pattern == "/health" || pattern == "/health/live" || pattern == "/health/ready";
}

bool is_in_role_table(std::string_view method, std::string_view pattern) {
  return find(method, pattern) != nullptr;
}

}  // namespace odordiff::server
