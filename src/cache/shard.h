// A part of the cache under one mutex: its entries, their order of eviction, and the computations under way.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cache/entry.h"
#include "cache/flight.h"
#include "cache/options.h"
#include "cache/stats.h"
#include "cache/tiny_lfu.h"

namespace odordiff::cache {

enum class State { Fresh, Stale, Miss };

// The answer to a lookup. Fresh: `entry`. Stale: `entry`, and `lead` for the one caller who shall make it
// anew. Miss: `waiter`, and `lead` for the one caller who shall make it.
struct Lookup {
  State state = State::Miss;
  EntryPtr entry;
  std::int64_t age_ms = 0;         // since it was published here
  std::int64_t fresh_left_ms = 0;  // not positive when stale
  std::optional<Lead> lead;
  std::optional<Waiter> waiter;
};

struct HotKey {
  std::string key;
  std::string origin;
  std::uint64_t hits = 0;
};

class Shard : public std::enable_shared_from_this<Shard> {
 public:
  Shard(std::shared_ptr<const Options> options, std::size_t max_items, std::size_t max_bytes);

  const Options& options() const { return *options_; }

  // With `join`, a miss starts or joins a computation and a stale hit may start one.
  Lookup look_up(std::string_view key, std::uint64_t hash, bool join);
  void put(std::string_view key, std::uint64_t hash, const EntryPtr& entry, Lifetime life);
  bool replace(std::string_view key, std::uint64_t hash, const EntryPtr& old, const EntryPtr& entry);
  std::size_t purge_key(std::string_view key, std::uint64_t hash);
  std::size_t purge_tag(const std::string& tag);
  std::size_t purge_all();
  std::size_t sweep();
  void collect_hot(std::vector<HotKey>& out) const;
  Stats stats() const;

  enum class Source { Computed, Below };

  // For Lead and Waiter. Ends the flight; `entry` is null when it failed. False when there was a purge
  // meanwhile, or it had ended already: the entry must not be kept anywhere.
  bool finish(Flight& flight, const EntryPtr& entry, Lifetime life, Source source);
  void leave(const std::shared_ptr<Flight>& flight);

 private:
  struct Node : TinyLfu::Node {
    std::string key;
    EntryPtr entry;
    std::size_t bytes = 0;
    std::int64_t published_ms = 0;
    std::int64_t fresh_until_ms = 0;
    std::int64_t stale_until_ms = 0;
    std::int64_t refresh_from_ms = 0;  // no refresh before
    std::uint64_t hits = 0;
  };

  // A key with its hash, so that nothing is hashed twice.
  struct Key {
    std::uint64_t hash;
    std::string_view text;
    bool operator==(const Key& other) const { return hash == other.hash && text == other.text; }
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const { return key.hash; }
  };
  using Index = std::unordered_map<Key, std::unique_ptr<Node>, KeyHash>;
  using Flights = std::unordered_map<Key, std::shared_ptr<Flight>, KeyHash>;

  Flights::iterator joinable(std::string_view key, std::uint64_t hash);
  static std::size_t node_bytes(const Node& node);
  void join_flight(Lookup& found, std::string_view key, std::uint64_t hash);
  void insert(std::string_view key, std::uint64_t hash, const EntryPtr& entry, Lifetime life);
  Index::iterator erase(Index::iterator at);
  void evict_over_limits();
  std::size_t erase_if(const std::function<bool(const Node&)>& goes);

  const std::shared_ptr<const Options> options_;
  const std::size_t max_items_;
  const std::size_t max_bytes_;

  mutable std::mutex mutex_;  // guards all below
  Index index_;
  // What is under way and may be kept: a purge takes everything out, since nobody can tell what tags it will
  // carry.
  Flights flights_;
  TinyLfu order_;
  std::size_t bytes_ = 0;
  Stats stats_;
};

}  // namespace odordiff::cache
