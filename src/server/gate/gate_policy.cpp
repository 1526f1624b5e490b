#include "server/gate/gate_policy.h"

#include <fmt/format.h>

#include "base/error.h"

namespace odordiff::server {
namespace {

constexpr int kUsualPerMinute = 100;

std::shared_ptr<const JwtVerifier> make_verifier(const ServeConfig& config) {
  if (config.jwt_key_file.empty()) {
    for (const auto* set : {&config.jwt_audience, &config.jwt_issuer}) {
      if (!set->empty())
        throw InvalidInput("auth.jwt.audience and issuer say nothing without auth.jwt.key_file");
    }
    return nullptr;
  }
  if (config.jwt_audience.empty()) {
    throw InvalidInput(
        "auth.jwt.audience is missing: say for whom tokens must be made, so that those made for others are "
        "refused");
  }
  return std::make_shared<const JwtVerifier>(JwtOptions{config.jwt_key_file, config.jwt_audience,
                                                        config.jwt_issuer, config.jwt_role_claim,
                                                        config.jwt_leeway_s});
}

}  // namespace

GatePolicy make_gate_policy(const ServeConfig& config) {
  GatePolicy out;
  if (!config.keys_file.empty()) {
    out.keys = ApiKeys::read(config.keys_file);
    // An empty file must not turn a closed server into an open one.
    if (out.keys.empty()) {
      throw InvalidInput(fmt::format("{} holds no key; 'odordiff keys new' makes one",
                                     quote_for_message(config.keys_file, 300)));
    }
  }
  out.tokens = make_verifier(config);
  out.requests_per_minute = config.rate_limit >= 0 ? config.rate_limit : out.is_open() ? 0 : kUsualPerMinute;
  for (const auto& range : config.trusted_proxies) out.trusted_proxies.push_back(*AddressRange::parse(range));
  out.cors_origins = config.cors_origins;
  out.metrics_open = config.metrics_open;
  out.trace_share = config.otlp_endpoint.empty() ? 0 : config.trace_share;
  return out;
}

}  // namespace odordiff::server
