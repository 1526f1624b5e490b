// How often each caller may ask: the generic cell rate algorithm, in memory of fixed size.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <vector>

#include "server/call.h"

namespace odordiff::server {

struct Rate {
  int most = 0;  // in a window
  std::chrono::seconds window{60};
};

// A caller may ask `most` times at once, and then as often as that refills, evenly over the window.
// Safe from many threads. When more callers ask than there is room for, those who have asked least are
// forgotten, which lets them ask afresh.
class RateLimiter {
 public:
  // Room for at least so many callers, 16 bytes each.
  explicit RateLimiter(std::size_t callers = 65'536);

  struct Verdict {
    bool allowed = false;
    int remaining = 0;      // requests that would be allowed now
    int reset_s = 0;        // until all of them are back
    int retry_after_s = 0;  // where it was not allowed: until it is
    double owed_s = 0;      // where it was allowed: the part of the window that it cost
  };
  // REQUIRES: rate.most > 0, 0 < cost <= rate.most.
  Verdict charge(std::string_view caller, Rate rate, int cost = 1, Clock::time_point now = Clock::now());

  // The caller was charged elsewhere: it takes at least so long until nothing counts any more.
  void know(std::string_view caller, std::chrono::duration<double> owed,
            Clock::time_point now = Clock::now());

 private:
  struct Place {
    std::uint64_t caller = 0;           // a hash; 0: nobody
    Clock::time_point full_again = {};  // when nothing that was asked counts any more
  };
  // Callers of one hash find their place among these.
  static constexpr std::size_t kPlaces = 8;
  using Bucket = std::array<Place, kPlaces>;
  static constexpr std::size_t kLocks = 64;
  std::uint64_t hash_of(std::string_view caller) const;
  // REQUIRES: the bucket's lock is held.
  static Place& place_of(Bucket& bucket, std::uint64_t hash, Clock::time_point now);

  const std::uint64_t seed_;
  std::vector<Bucket> buckets_;  // bucket i is guarded by locks_[i % kLocks]
  std::array<std::mutex, kLocks> locks_;
};

}  // namespace odordiff::server
