// What a cache has done so far.
#pragma once

#include <cstddef>
#include <cstdint>

namespace odordiff::cache {

struct Stats {
  std::uint64_t hits = 0;           // fresh answers
  std::uint64_t stale_hits = 0;     // answers served past their freshness
  std::uint64_t negative_hits = 0;  // of `hits`: remembered refusals
  std::uint64_t misses = 0;         // lookups that found nothing to serve
  std::uint64_t coalesced = 0;      // of `misses`: joined a computation that was under way
  std::uint64_t computed = 0;       // computations that ended with an entry
  std::uint64_t from_below = 0;     // answers that the tier below had
  std::uint64_t failed = 0;         // computations that ended with an error
  std::uint64_t evicted = 0;        // gone for want of room, newcomers that were not admitted among them
  std::uint64_t expired = 0;
  std::uint64_t purged = 0;
  std::uint64_t oversize = 0;  // not kept: larger than a shard
  std::size_t items = 0;       // now
  std::size_t bytes = 0;       // now

  Stats& operator+=(const Stats& other) {
    hits += other.hits;
    stale_hits += other.stale_hits;
    negative_hits += other.negative_hits;
    misses += other.misses;
    coalesced += other.coalesced;
    computed += other.computed;
    from_below += other.from_below;
    failed += other.failed;
    evicted += other.evicted;
    expired += other.expired;
    purged += other.purged;
    oversize += other.oversize;
    items += other.items;
    bytes += other.bytes;
    return *this;
  }
};

}  // namespace odordiff::cache
