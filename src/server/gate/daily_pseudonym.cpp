#include "server/gate/daily_pseudonym.h"

#include "base/hex.h"
#include "base/random.h"
#include "base/sha256.h"

namespace odordiff::server {
namespace {

constexpr std::int64_t kPseudonymLife_s = 86'400;
constexpr std::size_t kSaltBytes = 32;
constexpr std::size_t kShownBytes = 8;

}  // namespace

std::string DailyPseudonym::of(std::string_view text, std::int64_t unix_s) {
  const std::lock_guard lock(mutex_);
  if (salt_.empty() || unix_s / kPseudonymLife_s != day_) {
    salt_ = random_bytes(kSaltBytes);
    day_ = unix_s / kPseudonymLife_s;
  }
  return hex_of(hmac_sha256(salt_, text).substr(0, kShownBytes));
}

}  // namespace odordiff::server
