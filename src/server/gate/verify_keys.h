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

// What a text of public keys is.
enum class KeyForm { Jwks, Pem };
const char* to_string(KeyForm form);  // "a JWK set", "a PEM file"

struct PublicKeys {
  KeyForm form = KeyForm::Jwks;
  std::vector<VerifyKey> keys;
};

// The public keys in `text`: a JWK set or one JWK (JSON, which may begin with a byte-order mark; what is not
// for signatures, or for algorithms other than RS256 and ES256, is passed over), or PEM public keys (BEGIN
// PUBLIC KEY), one or several. RSA has 2,048 bits or more, EC is on P-256. No text is taken for a secret:
// whoever knows it could sign. Throws InvalidInput that says what is wrong, never what stands there.
PublicKeys read_public_keys(const std::string& text);

// The secrets for HS256 in `text`, a line each: "hs256:" and 32 or more printable characters without spaces.
// The mark says that the line is meant so, since whoever knows what came there by mistake could sign with it.
// Throws as read_public_keys().
std::vector<VerifyKey> read_secrets(const std::string& text);

// Whether `signature` (raw bytes, as tokens have them) is `key`'s over `text`.
bool is_signed_by(const VerifyKey& key, std::string_view text, std::string_view signature);

}  // namespace odordiff::server
