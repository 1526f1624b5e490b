// Tells the cache before the servers what to forget: a Varnish, or a CDN by its API.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace odordiff::server {

class EdgePurge {
 public:
  // Ban: the method BAN with `Surrogate-Key`, as deploy/varnish/odordiff.vcl takes it. Fastly, Cloudflare:
  // their purge APIs, tags by `Surrogate-Key` and by `Cache-Tag`.
  enum class Kind { Ban, Fastly, Cloudflare };
  struct Options {
    Kind kind = Kind::Ban;
    std::string url;    // Ban: of the cache; Fastly: https://api.fastly.com/service/ID; Cloudflare:
                        // https://api.cloudflare.com/client/v4/zones/ID
    std::string token;  // of the API
    int timeout_ms = 5'000;
    int again_ms = 6'000;  // beyond the time in which a server may not have heard of a purge (SharedCache)
  };
  explicit EdgePurge(Options options);
  EdgePurge(const EdgePurge&) = delete;
  EdgePurge& operator=(const EdgePurge&) = delete;

  // All that carries one of these tags; without tags, all. Blocks for the answer. Why it was not done; empty:
  // it was. It is done once more a while later, as the edge may have been given an old answer meanwhile: by a
  // server that had not heard of the purge, or by one whose answer was on its way.
  std::string purge(const std::vector<std::string>& tags);

 private:
  using Clock = std::chrono::steady_clock;
  std::string tell(const std::vector<std::string>& tags) const;
  void repeat(const std::stop_token& stop);

  const Options options_;
  std::mutex mutex_;  // guards `again_`
  std::condition_variable_any changed_;
  std::deque<std::pair<Clock::time_point, std::vector<std::string>>> again_;
  std::jthread repeater_;  // last: it uses all of these
};

// "ban", "fastly", "cloudflare".
std::optional<EdgePurge::Kind> edge_kind_named(const std::string& name);

}  // namespace odordiff::server
