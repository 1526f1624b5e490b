// JSON Web Tokens (RFC 7519) as bearer tokens, checked as RFC 8725 advises: the key says the algorithm, not
// the token.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "server/gate/identity.h"
#include "server/gate/verify_keys.h"

namespace odordiff::server {

inline constexpr std::size_t kMostTokenBytes = 8 * 1024;

struct JwtOptions {
  std::string key_file;             // see read_verify_keys()
  std::string audience;             // must be among the token's
  std::string issuer = {};          // must be the token's; empty: any
  std::string role_claim = "role";  // a text or a list of texts; the highest role that it names counts
  int leeway_s = 30;                // for clocks that differ
};

// Why a token is refused, in words that its bearer may read.
class TokenError : public Error {
 public:
  using Error::Error;
};

class JwtVerifier {
 public:
  // Throws InvalidInput or Unavailable, naming the file, where the keys cannot be read.
  explicit JwtVerifier(JwtOptions options);

  // Who the bearer is: "jwt:" and the token's `sub`; without a role that we know, a viewer. Throws
  // TokenError. Safe from many threads.
  Identity verify(std::string_view token, std::int64_t now_s) const;

  // Takes a new file of keys up, if it changed. Keys that cannot be read leave the old ones in place and
  // throw as the constructor does. verify() calls it, at most once in a few seconds (sooner for an unknown
  // `kid`), and leaves such faults to the next call by somebody who hears them.
  void refresh() const;

 private:
  using Keys = std::vector<VerifyKey>;
  // What tells one state of the file from another.
  struct Stamp {
    std::int64_t modified_ns = 0, bytes = -1;
    std::uint64_t inode = 0;
    bool operator==(const Stamp&) const = default;
  };
  static Stamp stamp_of(const std::string& file);

  std::shared_ptr<const Keys> keys(std::int64_t now_s, std::int64_t patience_s) const;
  const VerifyKey& choose(const Keys& keys, const std::string& kid, std::string_view algorithm) const;

  const JwtOptions options_;
  mutable std::mutex mutex_;
  mutable std::shared_ptr<const Keys> keys_;  // guarded by mutex_, as what follows
  mutable Stamp stamp_;
  mutable std::int64_t looked_s_ = 0;
};

}  // namespace odordiff::server
