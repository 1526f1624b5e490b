#include "server/gate/daily_pseudonym.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>

#include "base/error.h"

namespace odordiff::server {
namespace {

constexpr std::int64_t kDay_s = 86'400;
constexpr std::size_t kSaltBytes = 32;
constexpr std::size_t kShownBytes = 8;

}  // namespace

std::string DailyPseudonym::of(std::string_view text, std::int64_t unix_s) {
  const std::lock_guard lock(mutex_);
  if (salt_.empty() || unix_s / kDay_s != day_) {
    salt_.resize(kSaltBytes);
    if (RAND_bytes(reinterpret_cast<unsigned char*>(salt_.data()), kSaltBytes) != 1)
      throw Internal("libcrypto has no random numbers");
    day_ = unix_s / kDay_s;
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (HMAC(EVP_sha256(), salt_.data(), static_cast<int>(salt_.size()),
           reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(),
           &size) == nullptr) {
    throw Internal("libcrypto could not compute an HMAC");
  }
  return fmt::format("{:02x}", fmt::join(digest.begin(), digest.begin() + kShownBytes, ""));
}

}  // namespace odordiff::server
