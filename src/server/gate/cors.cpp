#include "server/gate/cors.h"

#include <algorithm>

#include "server/gate/known_host.h"

namespace odordiff::server {
namespace {

constexpr const char* kMethods = "GET, HEAD, POST, DELETE";
constexpr const char* kRequestHeaders =
    "Accept, Authorization, Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID, X-API-Key, "
    "X-Request-ID, X-Request-Timeout, traceparent";
constexpr const char* kAnswerHeaders =
    "ETag, Link, Location, RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, X-Request-ID, "
    "traceparent";
constexpr const char* kPreflightAge_s = "600";

bool is_listed(const std::vector<std::string>& origins, std::string_view origin) {
  return std::any_of(origins.begin(), origins.end(),
                     [&](const auto& listed) { return listed == "*" || listed == origin; });
}

}  // namespace

std::string origin_fault(const std::string& origin) {
  if (origin == "*") return {};
  const std::string right =
      "is no origin; write scheme and host, such as \"https://studio.example.com\", or \"*\"";
  const std::size_t slashes = origin.find("://");
  if (slashes == std::string::npos) return right;
  const std::string scheme = origin.substr(0, slashes), host = origin.substr(slashes + 3);
  const bool plain = std::all_of(host.begin(), host.end(), [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ':' || c == '[' ||
           c == ']';
  });
  return (scheme == "http" || scheme == "https") && !host.empty() && plain ? std::string() : right;
}

bool is_foreign(const Request& request, const std::vector<std::string>& origins,
                const std::vector<std::string>& hosts) {
  if (request.has_header("origin")) {
    const std::string_view origin = request.header("origin");
    if (is_listed(origins, origin) || comes_from_own_page(request)) return false;
    const bool is_web = origin.starts_with("http://") || origin.starts_with("https://");
    return !is_web || std::find(hosts.begin(), hosts.end(), "*") != hosts.end() ||
           !is_listed_host(host_without_port(origin.substr(origin.find("://") + 3)), hosts);
  }
  const std::string_view site = request.header("sec-fetch-site");
  const bool is_link = request.header("sec-fetch-mode") == "navigate" &&
                       request.header("sec-fetch-dest") == "document";  // and no hidden frame
  return (site == "cross-site" || site == "same-site") && !is_link && !is_listed(origins, "*");
}

std::optional<Response> apply_cors(Request& request, const std::vector<std::string>& origins) {
  const std::string origin(request.header("origin"));
  const bool listed = !origin.empty() && is_listed(origins, origin);
  if (origins.empty()) return std::nullopt;
  request.answer_headers.emplace_back("Vary", "Origin");
  if (!listed) return std::nullopt;
  request.answer_headers.emplace_back("Access-Control-Allow-Origin", origin);
  if (request.method != "OPTIONS" || !request.has_header("access-control-request-method")) {
    request.answer_headers.emplace_back("Access-Control-Expose-Headers", kAnswerHeaders);
    return std::nullopt;
  }
  Response out;
  out.status = 204;
  out.headers = {{"Access-Control-Allow-Methods", kMethods},
                 {"Access-Control-Allow-Headers", kRequestHeaders},
                 {"Access-Control-Max-Age", kPreflightAge_s}};
  return out;
}

}  // namespace odordiff::server
