// What the gate goes by, made from the configuration and the files that it names.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "server/config/serve_config.h"
#include "server/gate/api_keys.h"
#include "server/gate/client_address.h"
#include "server/gate/jwt.h"

namespace odordiff::server {

struct GatePolicy {
  ApiKeys keys;
  std::shared_ptr<const JwtVerifier> tokens;  // null: none are accepted
  Quota quota;                                // of a caller without one of its own
  std::vector<AddressRange> trusted_proxies;
  std::vector<std::string> hosts;         // by which names it may be asked; loopback always
  std::vector<std::string> cors_origins;  // "https://studio.example.com", or "*" for any
  double trace_share = 0;                 // of requests whose caller does not say
  bool metrics_open = false;

  // Without keys and tokens everybody may do everything.
  bool is_open() const { return keys.empty() && tokens == nullptr; }
};

// Reads the files of keys. Throws InvalidInput where they or what is set contradict themselves, Unavailable
// where they cannot be read. `watch`, which may be null, is told of keys of tokens that are read again.
// `running`: the policy that this one follows; it goes on with the same keys of tokens where their source is
// the same, and a server that asks for keys stays one that does.
GatePolicy make_gate_policy(const ServeConfig& config, std::shared_ptr<const KeyWatch> watch = nullptr,
                            const GatePolicy* running = nullptr);

}  // namespace odordiff::server
