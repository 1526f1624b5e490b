// The keys that tokens' signatures are checked with. Each key is good for one algorithm, which its type says,
// so that no token can choose another.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct evp_pkey_st;  // OpenSSL's EVP_PKEY

namespace odordiff::server {

enum class Algorithm { HS256, RS256, ES256 };
const char* to_string(Algorithm algorithm);

struct VerifyKey {
  std::string kid;  // empty: has no name
  Algorithm algorithm = Algorithm::HS256;
  std::string secret = {};                       // HS256
  std::shared_ptr<evp_pkey_st> public_key = {};  // the others
};

// The keys in `text`: a JWK set or one JWK (JSON; what is not for signatures, or for algorithms other than
// these, is passed over), a PEM public key (RSA from 2,048 bits, or EC on P-256), or else a secret for HS256
// (from 32 bytes; a line's end behind it does not count). Throws InvalidInput that says what is wrong, never
// what stands there.
std::vector<VerifyKey> read_verify_keys(const std::string& text);

// Whether `signature` (raw bytes, as tokens have them) is `key`'s over `text`.
bool is_signed_by(const VerifyKey& key, std::string_view text, std::string_view signature);

}  // namespace odordiff::server
