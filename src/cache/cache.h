// The response cache: what was computed once is served again from memory, and what many ask for at once is
// computed once. docs/state.md tells how it chooses what stays.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "cache/entry.h"
#include "cache/flight.h"
#include "cache/options.h"
#include "cache/shard.h"
#include "cache/stats.h"

namespace odordiff::cache {

// Maps keys (any bytes) to immutable entries. Never holds more than Options::max_items and max_bytes. Safe to
// call from many threads; no call but get() and those that reach the tier blocks for longer than a short
// mutex.
//
// An event loop uses look_up():
//     auto found = cache.look_up(key);
//     // Fresh or stale; nothing is copied.
//     if (found.entry) write(found.entry->form("json;gzip"));
//     // Ends with lead.publish(…) or lead.fail(…).
//     if (found.lead) pool.post(compute_and_publish(std::move(*found.lead)));
//     // Keep the waiter; drop it to give up.
//     if (found.waiter) found.waiter->then(write_outcome);
// A thread that may block uses get().
class Cache {
 public:
  struct Computed {
    Entry entry;
    std::optional<Lifetime> life;  // empty: the default for its kind
  };
  // Shall stop early, by an exception, when the flag turns true: nobody waits any more.
  using Compute = std::function<Computed(const std::atomic<bool>& unwanted)>;

  // How long get() waits.
  struct Patience {
    std::stop_token cancel = {};
    std::optional<std::chrono::steady_clock::time_point> deadline = {};
  };

  explicit Cache(Options options = {});
  Cache(const Cache&) = delete;
  Cache& operator=(const Cache&) = delete;

  // Finds the entry, or starts or joins its computation; see Lookup.
  Lookup look_up(std::string_view key);

  // Finds the entry, and starts nothing.
  Lookup peek(std::string_view key);

  // The entry, computed if need be; N equal calls at once compute once. Rethrows what the computation threw,
  // to every caller that waited for it. Throws Cancelled or Overloaded when Patience ends; the computation
  // goes on for others. With Options::background computations run there; otherwise on the thread of the first
  // caller, whose patience is then up to `compute`.
  EntryPtr get(std::string_view key, const Compute& compute, const Patience& patience);
  EntryPtr get(std::string_view key, const Compute& compute) { return get(key, compute, Patience{}); }

  // Keeps an entry without being asked, here only.
  EntryPtr put(std::string_view key, Entry entry, std::optional<Lifetime> life = std::nullopt);

  // Adds a negotiated form, made when it was first asked for, to the entry that a lookup gave. The age stays.
  // Returns the entry with the form, also when the cache holds another one by now and leaves that alone.
  EntryPtr add_form(std::string_view key, const EntryPtr& entry, Form form);

  // Forget; what is being computed meanwhile (by tag: anything) still reaches those who wait, but is not
  // kept. Return how many entries went from memory. purge_tag and purge_all reach the tier too, and with it
  // the other machines; forget_tag and forget_all are what those do when they hear of it.
  std::size_t purge_key(std::string_view key);
  std::size_t purge_tag(const std::string& tag);
  std::size_t purge_all();
  std::size_t forget_tag(const std::string& tag);
  std::size_t forget_all();

  // Drops what can no longer be served. Expired entries are never served anyway; this frees their memory.
  std::size_t sweep();

  // The entries with the most hits, best first: what to compute before the first caller comes, after a
  // restart.
  std::vector<HotKey> hottest(std::size_t count) const;

  Stats stats() const;

 private:
  Shard& shard(std::uint64_t hash);

  std::shared_ptr<const Options> options_;
  std::vector<std::shared_ptr<Shard>> shards_;
};

}  // namespace odordiff::cache
