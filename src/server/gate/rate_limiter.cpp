#include "server/gate/rate_limiter.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <random>

namespace odordiff::server {
namespace {

using Seconds = std::chrono::duration<double>;

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

std::uint64_t RateLimiter::hash_of(std::string_view caller) const {
  return std::max<std::uint64_t>(mixed(std::hash<std::string_view>{}(caller) ^ seed_), 1);
}

RateLimiter::Place& RateLimiter::place_of(Bucket& bucket, std::uint64_t hash, Clock::time_point now) {
  auto place = std::find_if(bucket.begin(), bucket.end(), [&](const Place& p) { return p.caller == hash; });
  if (place == bucket.end()) {
    place = std::min_element(bucket.begin(), bucket.end(),
                             [](const Place& a, const Place& b) { return a.full_again < b.full_again; });
    *place = {hash, now};
  }
  return *place;
}

RateLimiter::Verdict RateLimiter::charge(std::string_view caller, Rate rate, int cost,
                                         Clock::time_point now) {
  const std::uint64_t hash = hash_of(caller);
  const std::size_t at = (hash >> 8U) & (buckets_.size() - 1);
  const std::lock_guard lock(locks_[at % kLocks]);
  Place& place = place_of(buckets_[at], hash, now);
  const Seconds window = rate.window, each = window / rate.most, all = each * cost;
  const Seconds owed = std::max(Seconds(place.full_again - now), Seconds(0));
  Verdict out;
  out.allowed = owed + all <= window + each * 1e-6;  // the last one fits in spite of rounding
  const Seconds after = out.allowed ? owed + all : owed;
  if (out.allowed) {
    place.full_again = now + std::chrono::duration_cast<Clock::duration>(after);
    out.owed_s = all.count();
  }
  out.remaining = std::max(static_cast<int>((window - after) / each + 1e-6), 0);
  out.reset_s = seconds_up(after);
  if (!out.allowed) out.retry_after_s = std::max(seconds_up(owed + all - window), 1);
  return out;
}

void RateLimiter::know(std::string_view caller, Seconds owed, Clock::time_point now) {
  const std::uint64_t hash = hash_of(caller);
  const std::size_t at = (hash >> 8U) & (buckets_.size() - 1);
  const std::lock_guard lock(locks_[at % kLocks]);
  Place& place = place_of(buckets_[at], hash, now);
  place.full_again = std::max(place.full_again, now + std::chrono::duration_cast<Clock::duration>(owed));
}

}  // namespace odordiff::server
