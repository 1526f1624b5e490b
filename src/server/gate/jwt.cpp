#include "server/gate/jwt.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "server/gate/base64url.h"
#include "server/json_body.h"
#include "server/problem.h"

namespace odordiff::server {
namespace {

constexpr std::int64_t kLook_s = 5;         // how often the file is looked at
constexpr std::int64_t kHurriedLook_s = 1;  // when a token names a key that we do not have
constexpr std::size_t kMostKeyFileBytes = 256 * 1024;
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
    return parse_object(text);
  } catch (const ProblemError&) {
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

bool names(const Json& claims, const char* member, const std::string& wanted) {
  const auto found = claims.find(member);
  if (found == claims.end()) return false;
  if (found->is_string()) return *found == wanted;
  return found->is_array() && std::find(found->begin(), found->end(), Json(wanted)) != found->end();
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

Role role_of(const Json& claims, const std::string& claim) {
  for (const Role role : {Role::Admin, Role::Chemist}) {
    if (names(claims, claim.c_str(), to_string(role))) return role;
  }
  return Role::Viewer;
}

std::string read_keys_text(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (!in.eof() && !in)
    throw Unavailable(fmt::format("cannot read the keys of tokens in {}", quote_for_message(file, 300)));
  if (text.size() > kMostKeyFileBytes) {
    throw InvalidInput(
        fmt::format("the keys of tokens in {} are larger than 256 kB", quote_for_message(file, 300)));
  }
  return text;
}

}  // namespace

JwtVerifier::JwtVerifier(JwtOptions options) : options_(std::move(options)) {
  refresh();
}

JwtVerifier::Stamp JwtVerifier::stamp_of(const std::string& file) {
  struct stat state {};
  if (::stat(file.c_str(), &state) != 0) return {};
  return {state.st_mtim.tv_sec * std::int64_t{1'000'000'000} + state.st_mtim.tv_nsec, state.st_size,
          state.st_ino};
}

void JwtVerifier::refresh() const {
  const Stamp stamp = stamp_of(options_.key_file);
  {
    const std::lock_guard lock(mutex_);
    if (keys_ && stamp == stamp_) return;
  }
  const std::string text = read_keys_text(options_.key_file);
  std::shared_ptr<const Keys> fresh;
  try {
    fresh = std::make_shared<const Keys>(read_verify_keys(text));
  } catch (const InvalidInput& error) {
    throw InvalidInput(
        fmt::format("the keys of tokens in {}: {}", quote_for_message(options_.key_file, 300), error.what()));
  }
  const std::lock_guard lock(mutex_);
  keys_ = std::move(fresh);
  stamp_ = stamp;
}

std::shared_ptr<const JwtVerifier::Keys> JwtVerifier::keys(std::int64_t now_s,
                                                           std::int64_t patience_s) const {
  bool look = false;
  {
    const std::lock_guard lock(mutex_);
    look = now_s - looked_s_ >= patience_s || now_s < looked_s_;
    if (look) looked_s_ = now_s;
  }
  if (look) {
    try {
      refresh();
    } catch (const Error&) {  // the old keys stand until the file is whole
    }
  }
  const std::lock_guard lock(mutex_);
  return keys_;
}

const VerifyKey& JwtVerifier::choose(const Keys& keys, const std::string& kid,
                                     std::string_view algorithm) const {
  const VerifyKey* found = nullptr;
  for (const auto& key : keys) {
    if (algorithm != to_string(key.algorithm)) continue;
    // A key without a name serves tokens that name one, for there is nothing to tell it by.
    if (!kid.empty() && !key.kid.empty() && key.kid != kid) continue;
    if (found != nullptr) throw TokenError("the token must name its key (\"kid\")");
    found = &key;
  }
  if (found == nullptr)
    throw TokenError("the token is signed with a key or an algorithm that is not accepted here");
  return *found;
}

Identity JwtVerifier::verify(std::string_view token, std::int64_t now_s) const {
  const Parts parts = split(token);
  const Json header = object_in(parts.header);
  check_header(header);
  const std::string kid = text_member(header, "kid"), algorithm = text_member(header, "alg");
  auto held = keys(now_s, kLook_s);
  const bool known = std::any_of(held->begin(), held->end(), [&](const auto& key) { return key.kid == kid; });
  if (!known) held = keys(now_s, kHurriedLook_s);
  const VerifyKey& key = choose(*held, kid, algorithm);
  if (!is_signed_by(key, parts.signed_text, parts.signature))
    throw TokenError("the token's signature is wrong");
  const Json claims = object_in(parts.claims);
  check_times(claims, static_cast<double>(now_s), options_.leeway_s);
  if (!names(claims, "aud", options_.audience)) throw TokenError("the token is made for another audience");
  if (!options_.issuer.empty() && text_member(claims, "iss") != options_.issuer)
    throw TokenError("the token comes from another issuer");
  return {subject_of(claims), role_of(claims, options_.role_claim)};
}

}  // namespace odordiff::server
