#include "server/edge_purge.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "server/json_body.h"
#include "server/webhook_post.h"

namespace odordiff::server {
namespace {

WebhookPost question(const EdgePurge::Options& edge, const std::vector<std::string>& tags) {
  WebhookPost out{.url = edge.url, .body = {}, .allow_private = true, .timeout_ms = edge.timeout_ms};
  const std::string keys = fmt::format("{}", fmt::join(tags, " "));
  switch (edge.kind) {
    case EdgePurge::Kind::Ban:
      out.method = "BAN";
      out.headers = {{"Surrogate-Key", tags.empty() ? "*" : keys}};
      break;
    case EdgePurge::Kind::Fastly:
      out.url += tags.empty() ? "/purge_all" : "/purge";
      out.headers = {{"Fastly-Key", edge.token}};
      if (!tags.empty()) out.headers.emplace_back("Surrogate-Key", keys);
      break;
    case EdgePurge::Kind::Cloudflare:
      out.url += "/purge_cache";
      out.headers = {{"Authorization", "Bearer " + edge.token}};
      out.body = compact(tags.empty() ? Json({{"purge_everything", true}}) : Json({{"tags", tags}}));
      break;
  }
  return out;
}

}  // namespace

std::string EdgePurge::purge(const std::vector<std::string>& tags) const {
  const WebhookReply reply = post_and_wait(question(options_, tags));
  if (reply.status / 100 == 2) return {};
  return reply.status == 0 ? reply.error : fmt::format("it answered {}", reply.status);
}

std::optional<EdgePurge::Kind> edge_kind_named(const std::string& name) {
  if (name == "ban") return EdgePurge::Kind::Ban;
  if (name == "fastly") return EdgePurge::Kind::Fastly;
  if (name == "cloudflare") return EdgePurge::Kind::Cloudflare;
  return std::nullopt;
}

}  // namespace odordiff::server
