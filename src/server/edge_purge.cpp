#include "server/edge_purge.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "server/json.h"
#include "server/webhook_post.h"

namespace odordiff::server {
namespace {

// Caches take headers of 8 kB, Cloudflare's API thirty tags.
constexpr std::size_t kMostBytesAtOnce = 4'000, kMostTagsAtOnce = 30;

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

EdgePurge::EdgePurge(Options options)
    : options_(std::move(options)), repeater_([this](const std::stop_token& stop) { repeat(stop); }) {}

std::string EdgePurge::purge(const std::vector<std::string>& tags) {
  std::string trouble = tell(tags);
  const std::lock_guard lock(mutex_);
  again_.emplace_back(Clock::now() + std::chrono::milliseconds(options_.again_ms), tags);
  changed_.notify_one();
  return trouble;
}

std::string EdgePurge::tell(const std::vector<std::string>& tags) const {
  for (auto first = tags.begin();;) {
    std::vector<std::string> some;
    for (std::size_t bytes = 0; first != tags.end() && some.size() < kMostTagsAtOnce; ++first) {
      bytes += first->size() + 1;
      if (bytes > kMostBytesAtOnce && !some.empty()) break;
      some.push_back(*first);
    }
    const WebhookReply reply = post_and_wait(question(options_, some));
    if (reply.status / 100 != 2) {
      return reply.status == 0 ? reply.error : fmt::format("it answered {}", reply.status);
    }
    if (first == tags.end()) return {};
  }
}

void EdgePurge::repeat(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [&] { return !again_.empty(); })) {
    const auto [due, tags] = std::move(again_.front());
    again_.pop_front();
    changed_.wait_until(lock, stop, due, [] { return false; });
    if (stop.stop_requested()) return;
    lock.unlock();
    (void)tell(tags);
    lock.lock();
  }
}

std::optional<EdgePurge::Kind> edge_kind_named(const std::string& name) {
  if (name == "ban") return EdgePurge::Kind::Ban;
  if (name == "fastly") return EdgePurge::Kind::Fastly;
  if (name == "cloudflare") return EdgePurge::Kind::Cloudflare;
  return std::nullopt;
}

}  // namespace odordiff::server
