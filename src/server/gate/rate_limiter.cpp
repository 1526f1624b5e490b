#include "server/gate/rate_limiter.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <random>

namespace odordiff::server {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr Seconds kWindow{60};

// The finaliser of SplitMix64.
std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31U);
}

std::uint64_t random_seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

int seconds_up(Seconds time) {
  return static_cast<int>(std::ceil(std::max(time.count(), 0.0)));
}

}  // namespace

RateLimiter::RateLimiter(std::size_t callers)
    : seed_(random_seed()), buckets_(std::bit_ceil(std::max<std::size_t>(callers, kPlaces) / kPlaces)) {}

RateLimiter::Verdict RateLimiter::charge(std::string_view caller, int per_minute, Clock::time_point now) {
  const std::uint64_t hash = std::max<std::uint64_t>(mixed(std::hash<std::string_view>{}(caller) ^ seed_), 1);
  const std::size_t at = (hash >> 8U) & (buckets_.size() - 1);
  const std::lock_guard lock(locks_[at % kLocks]);
  Bucket& bucket = buckets_[at];
  auto place = std::find_if(bucket.begin(), bucket.end(), [&](const Place& p) { return p.caller == hash; });
  if (place == bucket.end()) {
    place = std::min_element(bucket.begin(), bucket.end(),
                             [](const Place& a, const Place& b) { return a.full_again < b.full_again; });
    *place = {hash, now};
  }
  const Seconds each = kWindow / per_minute;
  const Seconds owed = std::max(Seconds(place->full_again - now), Seconds(0));
  Verdict out;
  out.allowed = owed + each <= kWindow + each * 1e-6;  // the last one fits in spite of rounding
  const Seconds after = out.allowed ? owed + each : owed;
  if (out.allowed) place->full_again = now + std::chrono::duration_cast<Clock::duration>(after);
  out.remaining = static_cast<int>((kWindow - after) / each + 1e-6);
  out.reset_s = seconds_up(after);
  if (!out.allowed) out.retry_after_s = std::max(seconds_up(owed + each - kWindow), 1);
  return out;
}

}  // namespace odordiff::server
