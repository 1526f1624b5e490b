#include "server/gate/gate_policy.h"

#include <fmt/format.h>

#include <optional>

#include "base/error.h"

namespace odordiff::server {
namespace {

// Of a server that asks for keys or tokens.
constexpr Quota kUsual{.requests_per_minute = 100, .samples_per_hour = 0, .open_jobs = 100, .streams = 64};

// Where the keys of tokens come from; nothing without tokens.
std::optional<KeySource> key_source(const ServeConfig& config) {
  using Kind = KeySource::Kind;
  std::vector<KeySource> given;
  if (!config.jwt_key_file.empty()) given.push_back({Kind::PublicFile, config.jwt_key_file});
  if (!config.jwt_secret_file.empty()) given.push_back({Kind::SecretFile, config.jwt_secret_file});
  if (!config.jwt_keys_url.empty()) given.push_back({Kind::Url, config.jwt_keys_url});
  if (given.size() > 1) {
    throw InvalidInput(
        "the keys of tokens come from one place: give one of auth.jwt.key_file, auth.jwt.keys_url and "
        "auth.jwt.secret_file");
  }
  if (given.empty()) return std::nullopt;
  return given.front();
}

std::shared_ptr<const JwtVerifier> make_verifier(const ServeConfig& config,
                                                 const std::shared_ptr<const KeyWatch>& watch,
                                                 const GatePolicy* running) {
  const auto source = key_source(config);
  if (!source) {
    for (const auto* set : {&config.jwt_audience, &config.jwt_issuer}) {
      if (!set->empty()) {
        throw InvalidInput(
            "auth.jwt.audience and issuer say nothing without auth.jwt.key_file, keys_url or secret_file");
      }
    }
    return nullptr;
  }
  if (config.jwt_audience.empty()) {
    throw InvalidInput(
        "auth.jwt.audience is missing: say for whom tokens must be made, so that those made for others are "
        "refused");
  }
  std::shared_ptr<TokenKeys> keys;
  if (running != nullptr && running->tokens && running->tokens->keys()->source() == *source) {
    keys = running->tokens->keys();
    try {
      keys->refresh();
    } catch (const Error&) {  // told of by the watch; the old keys stay, and all else goes on
    }
  } else {
    keys = std::make_shared<TokenKeys>(*source, watch);
  }
  return std::make_shared<const JwtVerifier>(
      JwtOptions{config.jwt_audience, config.jwt_issuer, config.jwt_role_claim, config.jwt_leeway_s},
      std::move(keys));
}

}  // namespace

GatePolicy make_gate_policy(const ServeConfig& config, std::shared_ptr<const KeyWatch> watch,
                            const GatePolicy* running) {
  GatePolicy out;
  if (!config.keys_file.empty()) {
    out.keys = ApiKeys::read(config.keys_file);
    // An empty file must not turn a closed server into an open one.
    if (out.keys.empty()) {
      throw InvalidInput(fmt::format("{} holds no key; 'odordiff keys new' makes one",
                                     quote_for_message(config.keys_file, 300)));
    }
  }
  out.tokens = make_verifier(config, watch, running);
  if (running != nullptr && out.is_open() && !running->is_open()) {
    throw InvalidInput(
        "it has neither auth.keys_file nor keys of tokens, and a server that asks for keys is not opened to "
        "everybody while it runs; restart it for that");
  }
  const auto limit = [&](int given, int usual) { return given >= 0 ? given : out.is_open() ? 0 : usual; };
  out.quota = {limit(config.rate_limit, kUsual.requests_per_minute),
               limit(config.sample_limit, kUsual.samples_per_hour), limit(config.job_limit, kUsual.open_jobs),
               limit(config.stream_limit, kUsual.streams)};
  for (const auto& range : config.trusted_proxies) out.trusted_proxies.push_back(*AddressRange::parse(range));
  out.hosts = config.hosts;
  out.cors_origins = config.cors_origins;
  out.metrics_open = config.metrics_open;
  out.trace_share = config.otlp_endpoint.empty() ? 0 : config.trace_share;
  return out;
}

}  // namespace odordiff::server
