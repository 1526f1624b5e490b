// JSON Web Tokens (RFC 7519) as bearer tokens, checked as RFC 8725 advises: the key says the algorithm, not
// the token.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "server/gate/identity.h"
#include "server/gate/token_keys.h"

namespace odordiff::server {

inline constexpr std::size_t kMostTokenBytes = 8 * 1024;

struct JwtOptions {
  std::string audience;     // must be among the token's
  std::string issuer = {};  // must be the token's; empty: any
  // A text or a list of texts; the highest role that it names counts. Where no claim has this name, dots lead
  // into objects: "realm_access.roles".
  std::string role_claim = "role";
  int leeway_s = 30;  // for clocks that differ
};

// Why a token is refused, in words that its bearer may read.
class TokenError : public Error {
 public:
  using Error::Error;
};

class JwtVerifier {
 public:
  // REQUIRES: `keys` is not null.
  JwtVerifier(JwtOptions options, std::shared_ptr<TokenKeys> keys)
      : options_(std::move(options)), keys_(std::move(keys)) {}

  // Who the bearer is: "jwt:" and the token's `sub`; without a role that we know, a viewer. Throws
  // TokenError, or Unavailable where there are no keys yet. Safe from many threads.
  Identity verify(std::string_view token, std::int64_t now_s) const;

  const std::shared_ptr<TokenKeys>& keys() const { return keys_; }

 private:
  const JwtOptions options_;
  const std::shared_ptr<TokenKeys> keys_;
};

}  // namespace odordiff::server
