// The cache that machines share, in Redis: what one has computed is a hit at the others, and what all want at
// once is computed once. docs/fleet.md tells how.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "cache/tier.h"
#include "fleet/behind.h"
#include "fleet/purges.h"
#include "fleet/redis/client.h"
#include "fleet/stored_entry.h"
#include "observe/metrics.h"

namespace odordiff::fleet {

struct SharedCacheOptions {
  std::string prefix = "odordiff:";  // of all keys and channels
  std::string model = {};            // what else answers depend on: the digest of model::Identity
  std::chrono::milliseconds call_timeout{
      100};                               // of one call to Redis that somebody waits for; then it is a miss
  std::chrono::milliseconds lease{3000};  // a claim of a machine that died ends by itself after that
  std::chrono::milliseconds patience{60'000};  // for another machine's computation
  std::chrono::milliseconds sync{
      5000};            // between looks at what was purged, should a message have been missed
  double jitter = 0.1;  // the part of a life, at most, that is left out at random
  std::size_t most_bytes = std::size_t{16} << 20U;  // of an entry as stored; larger ones are not
};

struct SharedCacheStats {
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;  // Redis out of reach among them
  std::uint64_t stored = 0;
  std::uint64_t raw_bytes = 0;      // of what was stored, before packing
  std::uint64_t stored_bytes = 0;   // after it
  std::uint64_t errors = 0;         // calls to Redis that came to nothing
  std::uint64_t poisoned = 0;       // entries that could not be read, and were deleted
  std::uint64_t outdated = 0;       // entries of before a purge, deleted
  std::uint64_t invalidations = 0;  // purges that were heard of
  std::uint64_t claims = 0;         // rights to compute that were had
  std::uint64_t lease_waits = 0;    // times that another machine's computation was waited for
};

// Never throws and never waits for long: while Redis is away all is a miss, at once (the client's breaker).
class SharedCache : public cache::Tier {
 public:
  SharedCache(std::shared_ptr<redis::Client> client, SharedCacheOptions options,
              observe::Registry* registry = nullptr);
  ~SharedCache() override;
  SharedCache(const SharedCache&) = delete;
  SharedCache& operator=(const SharedCache&) = delete;

  // Tells of what was purged, here or elsewhere, until what it returns is let go.
  [[nodiscard]] std::shared_ptr<void> tell(Purges::Told told) { return purges_.tell(std::move(told)); }

  std::optional<Stored> get(std::string_view key) override;
  Fetched get_or_claim(std::string_view key, const std::atomic<bool>& unwanted) override;
  // Returns at once; the entry is on its way then.
  void put(std::string_view key, const Stored& stored) override;
  void purge(std::string_view tag) override { purges_.purge(std::string(tag)); }
  void purge_all() override { purges_.purge(kEverything); }

  // Purges everything and takes its bytes out of Redis, whatever made it; how many entries. In a cluster they
  // stay, unread, until their life ends. Blocks; throws Unavailable while Redis is away.
  std::uint64_t erase_all();

  SharedCacheStats stats() const;
  redis::ClientStatus redis_status() const { return client_->status(); }

 private:
  struct Counts;
  struct Lease;
  struct Asked;
  class Attention;
  struct Awaited {
    int waiters = 0;
    std::uint64_t said = 0;  // how often it was put or given up meanwhile
  };

  std::string digest_of(std::string_view key) const;
  // In a cluster both lie in one slot.
  std::string value_key(const std::string& digest) const { return base_ + "{" + digest + "}"; }
  std::string lease_key(const std::string& digest) const { return base_ + "{" + digest + "}:lease"; }

  Asked ask(const std::string& digest, const std::string& token);
  std::optional<Stored> read(const std::string& digest, const redis::Reply& value, const redis::Reply& left);
  void release(const std::string& digest, const std::string& token);
  void on_message(std::string_view channel, std::string_view payload);
  void maintain(const std::stop_token& stop);
  void renew();

  const std::shared_ptr<redis::Client> client_;
  const SharedCacheOptions options_;
  const std::string base_;  // of the keys of entries, with format and model
  const std::string done_channel_;
  const std::shared_ptr<Counts> counts_;
  const std::shared_ptr<Behind> behind_;
  Purges purges_;

  mutable std::mutex mutex_;  // guards these two
  std::condition_variable_any changed_;
  std::map<std::string, std::weak_ptr<Lease>> leases_;   // ours, by digest
  std::map<std::string, Awaited, std::less<>> awaited_;  // digests that somebody here waits for

  redis::Subscription subscription_;
  std::jthread maintenance_;
};

}  // namespace odordiff::fleet
