#include "server/gate/verify_keys.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/base64.h"
#include "base/error.h"
#include "base/sha256.h"
#include "server/openssl.h"

namespace odordiff::server {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kLeastSecretBytes = 32;  // as long as the hash (RFC 7518, 3.2)
// Those without a name are tried in turn for each token, so there are few.
constexpr std::size_t kMostKeys = 64, kMostSecrets = 4;
constexpr int kLeastRsaBits = 2048, kMostRsaBits = 8192;  // RFC 7518, 3.3
constexpr std::size_t kHalfSignature = 32;                // of ES256: r and s (RFC 7518, 3.4)

using Number = std::unique_ptr<BIGNUM, Freed<BN_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Freed<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Freed<OSSL_PARAM_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using PublicKey = std::shared_ptr<EVP_PKEY>;

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

PublicKey owned(EVP_PKEY* key) {
  return {key, EVP_PKEY_free};
}

PublicKey made_key(const char* type, OSSL_PARAM_BLD* builder) {
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    return {};
  }
  return owned(key);
}

PublicKey rsa_key(const std::string& n, const std::string& e) {
  const Number modulus(BN_bin2bn(bytes(n), static_cast<int>(n.size()), nullptr));
  const Number exponent(BN_bin2bn(bytes(e), static_cast<int>(e.size()), nullptr));
  const Builder builder(OSSL_PARAM_BLD_new());
  if (!modulus || !exponent || !builder ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) != 1) {
    return {};
  }
  return made_key("RSA", builder.get());
}

PublicKey ec_key(const std::string& x, const std::string& y) {
  const std::string point = "\x04" + x + y;  // uncompressed
  const Builder builder(OSSL_PARAM_BLD_new());
  if (!builder ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) !=
          1) {
    return {};
  }
  return made_key("EC", builder.get());
}

bool is_on_p256(EVP_PKEY* key) {
  std::array<char, 64> group{};
  std::size_t length = 0;
  return EVP_PKEY_get_group_name(key, group.data(), group.size(), &length) == 1 &&
         (std::string_view(group.data(), length) == "prime256v1" ||
          std::string_view(group.data(), length) == "P-256");
}

// An exponent of 1 would make every signature good, and an even modulus is no product of two large primes.
bool is_sound_rsa(const EVP_PKEY* key) {
  const auto number = [&](const char* name) {
    BIGNUM* value = nullptr;
    EVP_PKEY_get_bn_param(key, name, &value);
    return Number(value);
  };
  const Number n = number(OSSL_PKEY_PARAM_RSA_N), e = number(OSSL_PKEY_PARAM_RSA_E);
  return n && e && BN_is_odd(n.get()) && BN_is_odd(e.get()) && !BN_is_one(e.get()) &&
         BN_num_bits(e.get()) <= 64;
}

// The key with the algorithm that its type says.
VerifyKey public_key(std::string kid, PublicKey key) {
  if (!key) throw InvalidInput("a public key in it is damaged");
  VerifyKey out{std::move(kid), Algorithm::RS256};
  if (EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_RSA) {
    const int bits = EVP_PKEY_get_bits(key.get());
    if (bits < kLeastRsaBits || bits > kMostRsaBits)
      throw InvalidInput(fmt::format("RSA keys have {} to {} bits", kLeastRsaBits, kMostRsaBits));
    if (!is_sound_rsa(key.get()))
      throw InvalidInput(
          "an RSA key in it is damaged: its modulus or exponent is even, or the exponent no usual one");
  } else if (EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_EC && is_on_p256(key.get())) {
    out.algorithm = Algorithm::ES256;
  } else {
    throw InvalidInput("public keys are RSA, or EC on P-256");
  }
  out.public_key = std::move(key);
  return out;
}

std::string text_member(const Json& jwk, const char* name) {
  const auto found = jwk.find(name);
  if (found == jwk.end()) return {};
  if (!found->is_string()) throw InvalidInput(fmt::format("\"{}\" of a JWK is a text", name));
  return found->get<std::string>();
}

std::string bytes_member(const Json& jwk, const char* name) {
  auto decoded = base64url_decoded(text_member(jwk, name));
  if (!decoded || decoded->empty()) {
    throw InvalidInput(fmt::format("\"{}\" of a JWK is missing or no base64url", name));
  }
  return std::move(*decoded);
}

// Nothing for a key that is meant for something else.
std::optional<VerifyKey> jwk_key(const Json& jwk) {
  if (!jwk.is_object()) throw InvalidInput("a JWK is an object");
  const std::string type = text_member(jwk, "kty"), use = text_member(jwk, "use"),
                    algorithm = text_member(jwk, "alg"), kid = text_member(jwk, "kid");
  const auto is_for = [&](const char* name) { return algorithm.empty() || algorithm == name; };
  if (!use.empty() && use != "sig") return std::nullopt;
  if (const auto uses = jwk.find("key_ops");
      uses != jwk.end() && std::find(uses->begin(), uses->end(), Json("verify")) == uses->end()) {
    return std::nullopt;
  }
  if (type == "oct") {
    throw InvalidInput(
        "a secret (\"kty\": \"oct\") stands among public keys; give it by auth.jwt.secret_file");
  }
  if (jwk.contains("d"))
    throw InvalidInput("a private key (\"d\") stands among public keys; give its public part");
  if (type == "RSA" && is_for("RS256")) {
    return public_key(kid, rsa_key(bytes_member(jwk, "n"), bytes_member(jwk, "e")));
  }
  if (type == "EC" && is_for("ES256") && text_member(jwk, "crv") == "P-256") {
    return public_key(kid, ec_key(bytes_member(jwk, "x"), bytes_member(jwk, "y")));
  }
  return std::nullopt;
}

std::vector<VerifyKey> jwk_keys(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) throw InvalidInput("it is no JSON object");
  std::vector<VerifyKey> out;
  if (!json.contains("keys")) {
    if (auto key = jwk_key(json)) out.push_back(std::move(*key));
  } else {
    if (!json["keys"].is_array()) throw InvalidInput("\"keys\" of a JWK set is a list");
    // One that cannot be used takes no other with it (RFC 7517, 5).
    std::optional<std::string> fault;
    for (const auto& jwk : json["keys"]) {
      try {
        if (auto key = jwk_key(jwk)) out.push_back(std::move(*key));
      } catch (const InvalidInput& error) {
        if (!fault) fault = error.what();
      }
    }
    if (out.empty() && fault) throw InvalidInput(*fault);
  }
  if (out.empty()) throw InvalidInput("no key in it is for RS256 or ES256 signatures");
  return out;
}

std::vector<VerifyKey> pem_keys(const std::string& text) {
  constexpr std::string_view kBegin = "-----BEGIN";
  std::vector<VerifyKey> out;
  for (std::size_t at = text.find(kBegin); at != std::string::npos;) {
    const std::size_t next = text.find(kBegin, at + kBegin.size());
    const std::string part = text.substr(at, next == std::string::npos ? next : next - at);
    const std::unique_ptr<BIO, Freed<BIO_free_all>> bio(
        BIO_new_mem_buf(part.data(), static_cast<int>(part.size())));
    EVP_PKEY* key = bio ? PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr) : nullptr;
    if (key == nullptr) throw InvalidInput("it is no PEM public key (BEGIN PUBLIC KEY)");
    out.push_back(public_key("", owned(key)));
    at = next;
  }
  return out;
}

bool is_hmac(const VerifyKey& key, std::string_view text, std::string_view signature) {
  const std::string right = hmac_sha256(key.secret, text);
  return signature.size() == right.size() && CRYPTO_memcmp(right.data(), signature.data(), right.size()) == 0;
}

// The signature as OpenSSL wants it; empty where it has the wrong length.
std::string as_der(std::string_view signature) {
  if (signature.size() != 2 * kHalfSignature) return {};
  const std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG_free>> pair(ECDSA_SIG_new());
  Number r(BN_bin2bn(bytes(signature), kHalfSignature, nullptr));
  Number s(BN_bin2bn(bytes(signature) + kHalfSignature, kHalfSignature, nullptr));
  if (!pair || !r || !s || ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) return {};
  (void)r.release(), (void)s.release();  // the pair owns them now
  const int size = i2d_ECDSA_SIG(pair.get(), nullptr);
  std::string out(static_cast<std::size_t>(std::max(size, 0)), '\0');
  auto* to = reinterpret_cast<unsigned char*>(out.data());
  (void)i2d_ECDSA_SIG(pair.get(), &to);
  return out;
}

}  // namespace

const char* to_string(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::HS256:
      return "HS256";
    case Algorithm::RS256:
      return "RS256";
    case Algorithm::ES256:
      return "ES256";
  }
  return "unknown";
}

const char* to_string(KeyForm form) {
  return form == KeyForm::Jwks ? "a JWK set" : "a PEM file";
}

PublicKeys read_public_keys(const std::string& text) {
  constexpr std::string_view kMark = "\xef\xbb\xbf";
  const std::size_t first = text.find_first_not_of(" \t\r\n", text.starts_with(kMark) ? kMark.size() : 0);
  const std::string_view rest = first == std::string::npos ? "" : std::string_view(text).substr(first);
  PublicKeys out;
  if (rest.starts_with('{')) {
    out.keys = jwk_keys(std::string(rest));
  } else if (rest.starts_with("-----BEGIN")) {
    out = {KeyForm::Pem, pem_keys(std::string(rest))};
  } else {
    throw InvalidInput(
        "it is neither a JWK set (JSON) nor a PEM public key; a DER file becomes one by openssl pkey -pubin "
        "-inform DER, a secret for HS256 is given by auth.jwt.secret_file");
  }
  if (out.keys.size() > kMostKeys) throw InvalidInput(fmt::format("it holds more than {} keys", kMostKeys));
  return out;
}

std::vector<VerifyKey> read_secrets(const std::string& text) {
  constexpr std::string_view kMark = "hs256:";
  const auto is_plain = [](char c) { return c > ' ' && c < '\x7f'; };
  std::vector<VerifyKey> out;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest = end == std::string_view::npos ? "" : rest.substr(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    const bool is_marked = line.starts_with(kMark);
    if (is_marked) line.remove_prefix(kMark.size());
    if (!is_marked || line.size() < kLeastSecretBytes || !std::all_of(line.begin(), line.end(), is_plain)) {
      throw InvalidInput(
          fmt::format("each line is \"{}\" and a secret of {} or more printable characters without "
                      "spaces; public keys go to auth.jwt.key_file",
                      kMark, kLeastSecretBytes));
    }
    out.push_back({"", Algorithm::HS256, std::string(line)});
  }
  if (out.empty()) throw InvalidInput("it holds no secret");
  if (out.size() > kMostSecrets)
    throw InvalidInput(fmt::format("it holds more than {} secrets", kMostSecrets));
  return out;
}

bool is_signed_by(const VerifyKey& key, std::string_view text, std::string_view signature) {
  if (key.algorithm == Algorithm::HS256) return is_hmac(key, text, signature);
  const std::string given = key.algorithm == Algorithm::ES256 ? as_der(signature) : std::string(signature);
  const DigestContext context(EVP_MD_CTX_new());
  return context &&
         EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.public_key.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes(given), given.size(), bytes(text), text.size()) == 1;
}

}  // namespace odordiff::server
