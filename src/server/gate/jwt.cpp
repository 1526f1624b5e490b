#include "server/gate/jwt.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/base64.h"
#include "server/json.h"
#include "server/problem.h"

namespace odordiff::server {
namespace {

constexpr std::size_t kMostSubjectBytes = 255;
constexpr double kLatestTime_s = 253402300799;  // the end of the year 9999

struct Parts {
  std::string_view signed_text;  // header and claims, still encoded
  std::string header, claims, signature;
};

std::string decoded(std::string_view text) {
  auto out = base64url_decoded(text);
  if (!out) throw TokenError("the token is not written in base64url");
  return std::move(*out);
}

Parts split(std::string_view token) {
  if (token.size() > kMostTokenBytes) {
    throw TokenError(fmt::format("the token is longer than {} bytes", kMostTokenBytes));
  }
  const std::size_t first = token.find('.');
  const std::size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) {
    throw TokenError("the token is neither a key nor a signed JSON Web Token");
  }
  return {token.substr(0, second), decoded(token.substr(0, first)),
          decoded(token.substr(first + 1, second - first - 1)), decoded(token.substr(second + 1))};
}

Json object_in(const std::string& text) {
  try {
    return api::parse_object(text);
  } catch (const InvalidInput&) {
    throw TokenError("the token's header and claims must be JSON objects");
  }
}

std::string text_member(const Json& json, const std::string& name) {
  const auto found = json.find(name);
  if (found == json.end()) return {};
  if (!found->is_string()) throw TokenError(fmt::format("\"{}\" of the token must be a text", name));
  return found->get<std::string>();
}

// Seconds since the epoch, or nothing.
std::optional<double> time_member(const Json& claims, const char* name) {
  const auto found = claims.find(name);
  if (found == claims.end()) return std::nullopt;
  const double seconds = found->is_number() ? found->get<double>() : -1;
  if (!(seconds >= 0 && seconds <= kLatestTime_s)) {
    throw TokenError(fmt::format("\"{}\" of the token must be seconds since 1970", name));
  }
  return seconds;
}

void check_header(const Json& header) {
  // Whoever marks an extension as critical must not be believed without it (RFC 7515, 4.1.11).
  if (header.contains("crit")) throw TokenError("the token has critical extensions, which are not supported");
  const std::string type = text_member(header, "typ");
  if (!type.empty() && !equal_ignoring_case(type, "JWT") && !equal_ignoring_case(type, "at+jwt")) {
    throw TokenError("the token's \"typ\" must be JWT or at+jwt");
  }
}

void check_times(const Json& claims, double now_s, double leeway_s) {
  const auto expires = time_member(claims, "exp"), begins = time_member(claims, "nbf");
  if (!expires) throw TokenError("the token has no \"exp\"; tokens must expire");
  if (now_s >= *expires + leeway_s) throw TokenError("the token has expired");
  if (begins && now_s < *begins - leeway_s) throw TokenError("the token is not valid yet");
}

// Whether a claim, a text or a list of texts, names `wanted`.
bool names(const Json& claim, const std::string& wanted) {
  if (claim.is_string()) return claim == wanted;
  return claim.is_array() && std::find(claim.begin(), claim.end(), Json(wanted)) != claim.end();
}

// The claim of this name, else the one that dots lead to; null without one.
const Json* find_claim(const Json& claims, const std::string& name) {
  if (const auto found = claims.find(name); found != claims.end()) return &*found;
  const Json* inner = &claims;
  std::string_view rest = name;
  while (!rest.empty()) {
    const std::size_t dot = rest.find('.');
    if (!inner->is_object()) return nullptr;
    const auto found = inner->find(std::string(rest.substr(0, dot)));
    if (found == inner->end()) return nullptr;
    inner = &*found;
    rest = dot == std::string_view::npos ? "" : rest.substr(dot + 1);
  }
  return inner;
}

std::string subject_of(const Json& claims) {
  const std::string subject = text_member(claims, "sub");
  const bool plain = std::all_of(subject.begin(), subject.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) != 0x7f;
  });
  if (subject.empty() || subject.size() > kMostSubjectBytes || !plain) {
    throw TokenError(
        fmt::format("\"sub\" of the token must be 1 to {} bytes of printable text", kMostSubjectBytes));
  }
  return fmt::format("jwt:{}", subject);
}

Role role_of(const Json& claims, const std::string& name) {
  const Json* claim = find_claim(claims, name);
  if (claim == nullptr) return Role::Viewer;
  for (const Role role : {Role::Admin, Role::Chemist}) {
    if (names(*claim, to_string(role))) return role;
  }
  return Role::Viewer;
}

// The keys that may have signed a token which names this key and this algorithm: those of the name, else
// those that have none, for there is nothing to tell these by.
std::vector<const VerifyKey*> candidates(const TokenKeys::Keys& keys, const std::string& kid,
                                         std::string_view algorithm) {
  std::vector<const VerifyKey*> named, nameless;
  for (const auto& key : keys) {
    if (algorithm != to_string(key.algorithm)) continue;
    if (key.kid.empty()) {
      nameless.push_back(&key);
    } else if (kid.empty() || key.kid == kid) {
      named.push_back(&key);
    }
  }
  if (kid.empty() && !named.empty() && named.size() + nameless.size() > 1)
    throw TokenError("the token must name its key (\"kid\")");
  if (named.empty()) named = std::move(nameless);
  if (named.empty()) {
    throw TokenError("the token is signed with a key or an algorithm that is not accepted here");
  }
  return named;
}

}  // namespace

Identity JwtVerifier::verify(std::string_view token, std::int64_t now_s) const {
  const Parts parts = split(token);
  const Json header = object_in(parts.header);
  check_header(header);
  const std::string kid = text_member(header, "kid"), algorithm = text_member(header, "alg");
  auto held = keys_->get(now_s, false);
  const bool known =
      held && std::any_of(held->begin(), held->end(), [&](const auto& key) { return key.kid == kid; });
  if (!known) held = keys_->get(now_s, true);
  if (!held) throw Unavailable("the keys that tokens are checked with could not be fetched yet");
  const auto keys = candidates(*held, kid, algorithm);
  const bool good = std::any_of(keys.begin(), keys.end(), [&](const auto* key) {
    return is_signed_by(*key, parts.signed_text, parts.signature);
  });
  if (!good) throw TokenError("the token's signature is wrong");
  const Json claims = object_in(parts.claims);
  check_times(claims, static_cast<double>(now_s), options_.leeway_s);
  const auto audience = claims.find("aud");
  if (audience == claims.end() || !names(*audience, options_.audience))
    throw TokenError("the token is made for another audience");
  if (!options_.issuer.empty() && text_member(claims, "iss") != options_.issuer)
    throw TokenError("the token comes from another issuer");
  return {subject_of(claims), role_of(claims, options_.role_claim)};
}

}  // namespace odordiff::server
