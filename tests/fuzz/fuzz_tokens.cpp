// Any bytes as keys of tokens and as tokens. Keys: a JWK set, a PEM file or a list of secrets, or an error.
// Tokens: one that no known key signed is refused, and so is a good one that was changed. The first byte says
// which.
#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "../server/gate_world.h"
#include "base/base64.h"
#include "base/error.h"
#include "require.h"
#include "server/gate/jwt.h"
#include "server/http.h"

namespace {

using namespace odordiff::server;
using odordiff::fuzz::require;

constexpr std::int64_t kNow_s = 1'700'000'000;

const Folder& folder() {
  static const Folder shared;
  return shared;
}

JwtVerifier verifier(KeySource::Kind kind, const std::string& name, const std::string& keys) {
  return {JwtOptions{.audience = "fuzz"},
          std::make_shared<TokenKeys>(KeySource{kind, folder().write(name, keys)}, nullptr)};
}

// Keys that nobody else has: made anew for each run.
struct World {
  Signer secret = Signer::hmac(new_request_id() + new_request_id()), rsa = Signer::rsa(), ec = Signer::ec();
  JwtVerifier by_secret = verifier(KeySource::Kind::SecretFile, "secrets", "hs256:" + secret.secret());
  JwtVerifier by_pem = verifier(KeySource::Kind::PublicFile, "keys.pem", rsa.pem() + ec.pem());
  JwtVerifier by_jwks =
      verifier(KeySource::Kind::PublicFile, "keys.json", Json{{"keys", {rsa.jwk("a"), ec.jwk("b")}}}.dump());
};

const World& world() {
  static const World shared;
  return shared;
}

std::optional<odordiff::server::Identity> verified(const JwtVerifier& by, const std::string& token) {
  try {
    return by.verify(token, kNow_s);
  } catch (const TokenError&) {
    return std::nullopt;
  }
}

// What `read` returns; nothing where the text is refused.
template <class Read>
auto taken(const Read& read) -> std::optional<decltype(read())> {
  try {
    return read();
  } catch (const odordiff::InvalidInput&) {
    return std::nullopt;
  }
}

bool has_begin(const std::string& text) {
  return text.find("-----BEGIN PUBLIC KEY-----") != std::string::npos;
}

void read_keys(const std::string& text) {
  const auto read = taken([&] { return read_public_keys(text); });
  const auto held = taken([&] {
    const KeySource source{KeySource::Kind::PublicFile, folder().write("given", text)};
    return *TokenKeys(source, nullptr).get(kNow_s, false);
  });
  require(read.has_value() == held.has_value(), "a file is read as its text is");
  if (!read) return;
  require(read->form == KeyForm::Pem ? has_begin(text) : text.find('{') != std::string::npos,
          "keys are a JWK set or a PEM file");
  require(!read->keys.empty() && read->keys.size() == held->size(), "a good file holds keys");
  static const std::array<std::string, 4> kForged = {"", std::string(64, '\0'), std::string(64, '\1'),
                                                     std::string(255, '\0') + '\1'};
  for (const auto& key : read->keys) {
    require(key.algorithm != Algorithm::HS256 && key.secret.empty() && key.public_key != nullptr,
            "no public text is taken for a secret");
    for (const auto& forged : kForged) {
      require(!is_signed_by(key, "text", forged), "made-up signatures are refused");
    }
  }
}

void read_secret_file(const std::string& text) {
  const auto read = taken([&] { return read_secrets(text); });
  if (!read) return;
  require(!read->empty() && read->size() <= 4, "there are few secrets");
  for (const auto& key : *read) {
    require(key.algorithm == Algorithm::HS256 && key.secret.size() >= 32 && !key.public_key,
            "secrets are long, and for HS256");
    require(is_signed_by(key, "text", Signer::hmac_of(key.secret, "text")), "a secret's signature is good");
    require(!is_signed_by(key, "text", Signer::hmac_of(key.secret, "else")), "and only that");
  }
  require(!taken([&] { return read_public_keys(text); }), "secrets are no public keys");
}

// Whatever it says, nobody signed it.
void verify_unsigned(const std::string& token) {
  for (const JwtVerifier* by : {&world().by_secret, &world().by_pem, &world().by_jwks}) {
    require(!verified(*by, token), "a token that no known key signed is refused");
  }
}

// "header\nclaims", which a known key signs as they are.
void verify_signed(const std::string& text, bool changed) {
  const std::size_t cut = std::min(text.find('\n'), text.size());
  const std::string header = text.substr(0, cut), claims = text.substr(std::min(cut + 1, text.size()));
  const std::string parts = odordiff::base64url_encoded(header) + "." + odordiff::base64url_encoded(claims);
  const std::string signature = world().secret.signature(parts);
  const auto bearer = verified(world().by_secret, parts + "." + odordiff::base64url_encoded(signature));
  if (bearer) {
    require(bearer->subject.starts_with("jwt:") && bearer->subject.size() > 4, "the bearer has a name");
    for (const char c : bearer->subject) require(static_cast<unsigned char>(c) >= 0x20, "without controls");
    require(bearer->role != Role::None, "the bearer has a role");
  }
  if (!changed) return;
  for (std::size_t at = 0; at < signature.size(); ++at) {
    std::string other = signature;
    other[at] = static_cast<char>(other[at] ^ 1);
    require(!verified(world().by_secret, parts + "." + odordiff::base64url_encoded(other)),
            "a changed signature is refused");
  }
  for (const JwtVerifier* by : {&world().by_pem, &world().by_jwks}) {
    require(!verified(*by, parts + "." + odordiff::base64url_encoded(signature)),
            "another's signature is refused");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 5) {
    case 0:
      read_keys(text);
      break;
    case 1:
      read_secret_file(text);
      break;
    case 2:
      verify_unsigned(text);
      break;
    default:
      verify_signed(text, data[0] % 5 == 4);
  }
  return 0;
}
