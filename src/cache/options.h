// What the cache is told when it is made.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "cache/entry.h"
#include "cache/tier.h"

namespace odordiff::cache {

struct Options {
  std::size_t max_items = 1000;
  std::size_t max_bytes = std::size_t{512} << 20U;  // with keys, index and allocator
  std::size_t shards = 4;  // each has its share of the limits; fewer when items are few
  Lifetime life{.fresh_ms = 3'600'000, .stale_ms = 600'000};
  std::int64_t negative_ms = 10'000;  // life of entries that are `negative`
  std::int64_t refresh_retry_ms =
      1'000;  // after a failed refresh, stale answers stand that long before the next
  std::function<std::int64_t()> now_ms = {};  // never goes back; empty: the steady clock
  std::shared_ptr<Tier> tier = {};            // may be null
  // Runs work on another thread. With it Cache::get serves stale answers at once; without, the first caller
  // of a stale answer makes it anew.
  std::function<void(std::function<void()>)> background = {};

  // The default life of an entry.
  Lifetime lifetime(const Entry& entry) const {
    return entry.negative ? Lifetime{.fresh_ms = negative_ms, .stale_ms = 0} : life;
  }
};

}  // namespace odordiff::cache
