// Tells the cache before the servers what to forget: a Varnish, or a CDN by its API.
#pragma once

#include <optional>
#include <string>
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
  };
  explicit EdgePurge(Options options) : options_(std::move(options)) {}

  // All that carries one of these tags; without tags, all. Blocks for the answer. Why it was not done; empty:
  // it was.
  std::string purge(const std::vector<std::string>& tags) const;

 private:
  const Options options_;
};

// "ban", "fastly", "cloudflare".
std::optional<EdgePurge::Kind> edge_kind_named(const std::string& name);

}  // namespace odordiff::server
