#include "server/router.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "server/problem.h"

namespace odordiff::server {
namespace {

std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(1);  // the slash
  const std::string_view segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

// The raw segments that stand for {…}; nothing where the path is another. Segments are told apart before they
// are decoded, so that "%2F" in one is no border.
std::optional<std::vector<std::string_view>> matched(std::string_view pattern, std::string_view path) {
  std::vector<std::string_view> out;
  while (!pattern.empty() && !path.empty()) {
    const std::string_view wanted = take_segment(pattern), given = take_segment(path);
    if (wanted.starts_with('{')) {
      if (given.empty()) return std::nullopt;
      out.push_back(given);
    } else if (wanted != given) {
      return std::nullopt;
    }
  }
  if (!pattern.empty() || !path.empty()) return std::nullopt;
  return out;
}

std::string allowed(std::vector<std::string> methods) {
  if (std::find(methods.begin(), methods.end(), "GET") != methods.end()) methods.emplace_back("HEAD");
  std::sort(methods.begin(), methods.end());
  return fmt::format("{}", fmt::join(methods, ", "));
}

}  // namespace

std::shared_ptr<const Route> Router::find(Request& request) const {
  std::vector<std::string> methods;
  for (const auto& route : routes_) {
    const auto segments = matched(route->pattern, request.path);
    if (!segments) continue;
    if (route->method != request.method && !(route->method == "GET" && request.method == "HEAD")) {
      methods.push_back(route->method);
      continue;
    }
    for (const auto segment : *segments) {
      auto decoded = percent_decoded(segment);
      if (!decoded) throw ProblemError({400, "bad-target", "the path is wrongly percent-encoded"});
      request.parameters.push_back(std::move(*decoded));
    }
    return route;
  }
  if (methods.empty())
    throw ProblemError({404, "not-found", "there is nothing here; GET /openapi.json lists what is"});
  const std::string list = allowed(std::move(methods));
  throw ProblemError({405, "method-not-allowed", "this path takes " + list, {}, {{"Allow", list}}});
}

void Router::wrap(const std::function<Handler(Handler)>& wrap) {
  for (auto& route : routes_) {
    Route wrapped = *route;
    wrapped.handle = wrap(std::move(wrapped.handle));
    route = std::make_shared<const Route>(std::move(wrapped));
  }
}

void require_media_type(const Route& route, const Request& request) {
  if (route.takes_json && media_type(request.header("content-type")) != "application/json") {
    throw ProblemError({415, "unsupported-media-type", "send the body as Content-Type: application/json"});
  }
}

void check_upgrade(const Request& request, std::size_t early_bytes) {
  const auto names = [&](std::string_view header, std::string_view token) {
    std::string_view list = request.header(header);
    while (!list.empty()) {
      if (equal_ignoring_case(take_item(list), token)) return true;
    }
    return false;
  };
  if (request.method != "GET" || !names("upgrade", "websocket") || !names("connection", "upgrade") ||
      request.header("sec-websocket-version") != "13" || request.header("sec-websocket-key").size() != 24) {
    throw ProblemError(
        {426,
         "upgrade-required",
         "this path speaks WebSocket, version 13",
         {},
         {{"Upgrade", "websocket"}, {"Connection", "Upgrade"}, {"Sec-WebSocket-Version", "13"}}});
  }
  if (early_bytes > 0) {
    throw ProblemError(
        {400, "malformed-request", "a WebSocket client waits for the answer before it sends", {}, {}, true});
  }
}

}  // namespace odordiff::server
