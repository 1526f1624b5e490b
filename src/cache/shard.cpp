#include "cache/shard.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace odordiff::cache {
namespace {

// A node of std::unordered_map: link, hash, key, pointer; and its place in the table of buckets.
constexpr std::size_t kIndexBytes = allocated_bytes(48) + 8;

// a + b for lives that may mean "for ever".
std::int64_t later(std::int64_t a, std::int64_t b) {
  constexpr auto kEnd = std::numeric_limits<std::int64_t>::max();
  if (b <= 0) return a;
  return a > kEnd - b ? kEnd : a + b;
}

}  // namespace

Shard::Shard(std::shared_ptr<const Options> options, std::size_t max_items, std::size_t max_bytes)
    : options_(std::move(options)), max_items_(max_items), max_bytes_(max_bytes), order_(max_items) {
  index_.reserve(max_items + 1);
}

std::size_t Shard::node_bytes(const Node& node) {
  return allocated_bytes(sizeof(Node)) + kIndexBytes + heap_bytes(node.key) + node.entry->bytes();
}

Lookup Shard::look_up(std::string_view key, std::uint64_t hash, bool join) {
  Lookup found;
  const std::int64_t now = options_->now_ms();
  const std::lock_guard lock(mutex_);
  order_.asked(hash);
  auto at = index_.find({hash, key});
  if (at != index_.end() && now >= at->second->stale_until_ms) {
    ++stats_.expired;
    erase(at);
    at = index_.end();
  }
  if (at == index_.end()) {
    ++stats_.misses;
    if (join) join_flight(found, key, hash);
    return found;
  }
  Node& node = *at->second;
  order_.hit(node);
  ++node.hits;
  found.entry = node.entry;
  found.age_ms = now - node.published_ms;
  found.fresh_left_ms = node.fresh_until_ms - now;
  if (now < node.fresh_until_ms) {
    found.state = State::Fresh;
    ++stats_.hits;
    if (node.entry->negative) ++stats_.negative_hits;
    return found;
  }
  found.state = State::Stale;
  ++stats_.stale_hits;
  if (join && now >= node.refresh_from_ms && joinable(key, hash) == flights_.end()) {
    auto flight = std::make_shared<Flight>(std::string(key), hash);
    flight->keep = true;
    flights_.emplace(Key{hash, flight->key}, flight);
    found.lead.emplace(shared_from_this(), std::move(flight));
  }
  return found;
}

// The computation that a newcomer can wait for. One that everybody has left may be stopping, and is replaced.
Shard::Flights::iterator Shard::joinable(std::string_view key, std::uint64_t hash) {
  const auto at = flights_.find({hash, key});
  if (at == flights_.end() || !at->second->unwanted) return at;
  flights_.erase(at);
  return flights_.end();
}

void Shard::join_flight(Lookup& found, std::string_view key, std::uint64_t hash) {
  std::shared_ptr<Flight> flight;
  if (const auto at = joinable(key, hash); at != flights_.end()) {
    flight = at->second;
    ++stats_.coalesced;
  } else {
    flight = std::make_shared<Flight>(std::string(key), hash);
    flights_.emplace(Key{hash, flight->key}, flight);
    found.lead.emplace(shared_from_this(), flight);
  }
  ++flight->interested;
  found.waiter.emplace(shared_from_this(), std::move(flight));
}

bool Shard::finish(Flight& flight, const EntryPtr& entry, Lifetime life, Source source) {
  const std::lock_guard lock(mutex_);
  if (std::exchange(flight.finished, true)) return false;
  ++(entry == nullptr ? stats_.failed : source == Source::Below ? stats_.from_below : stats_.computed);
  const auto under_way = flights_.find({flight.hash, flight.key});
  if (under_way == flights_.end() || under_way->second.get() != &flight) return false;
  // The caller holds the flight, so the key that the table points to lives on.
  flights_.erase(under_way);
  if (entry != nullptr) {
    insert(flight.key, flight.hash, entry, life);
    return true;
  }
  if (const auto at = index_.find({flight.hash, flight.key}); at != index_.end()) {
    at->second->refresh_from_ms = later(options_->now_ms(), options_->refresh_retry_ms);
  }
  return false;
}

void Shard::leave(const std::shared_ptr<Flight>& flight) {
  const std::lock_guard lock(mutex_);
  if (--flight->interested == 0 && !flight->keep && !flight->finished) flight->unwanted = true;
}

void Shard::put(std::string_view key, std::uint64_t hash, const EntryPtr& entry, Lifetime life) {
  const std::lock_guard lock(mutex_);
  insert(key, hash, entry, life);
}

void Shard::insert(std::string_view key, std::uint64_t hash, const EntryPtr& entry, Lifetime life) {
  const std::int64_t now = options_->now_ms();
  auto node = std::make_unique<Node>();
  node->hash = hash;
  node->key = key;
  node->entry = entry;
  node->published_ms = now;
  node->fresh_until_ms = later(now, life.fresh_ms);
  node->stale_until_ms = later(node->fresh_until_ms, life.stale_ms);
  node->bytes = node_bytes(*node);
  const auto old = index_.find({hash, key});
  if (old != index_.end()) node->hits = old->second->hits;
  if (node->bytes > max_bytes_ || max_items_ == 0) {
    // What is outdated goes, though its successor cannot stay.
    if (old != index_.end()) erase(old);
    ++stats_.oversize;
    return;
  }
  if (old != index_.end()) {
    // Takes over the place in the order: a refresh is no new arrival.
    Node& known = *old->second;
    bytes_ = bytes_ - known.bytes + node->bytes;
    known.entry = entry;
    known.bytes = node->bytes;
    known.published_ms = node->published_ms;
    known.fresh_until_ms = node->fresh_until_ms;
    known.stale_until_ms = node->stale_until_ms;
    known.refresh_from_ms = 0;
  } else {
    bytes_ += node->bytes;
    order_.add(*node);
    const Key index_key{hash, node->key};
    index_.emplace(index_key, std::move(node));
  }
  evict_over_limits();
}

bool Shard::replace(std::string_view key, std::uint64_t hash, const EntryPtr& old, const EntryPtr& entry) {
  const std::lock_guard lock(mutex_);
  const auto at = index_.find({hash, key});
  if (at == index_.end() || at->second->entry != old) return false;
  Node& node = *at->second;
  bytes_ -= node.bytes;
  node.entry = entry;
  node.bytes = node_bytes(node);
  bytes_ += node.bytes;
  if (node.bytes > max_bytes_) {
    ++stats_.oversize;
    erase(at);
    return false;
  }
  evict_over_limits();
  const auto still = index_.find({hash, key});
  return still != index_.end();
}

Shard::Index::iterator Shard::erase(Index::iterator at) {
  bytes_ -= at->second->bytes;
  order_.remove(*at->second);
  // The map's key looks into the node, which must outlive it.
  const std::unique_ptr<Node> node = std::move(at->second);
  return index_.erase(at);
}

void Shard::evict_over_limits() {
  while (index_.size() > max_items_ || bytes_ > max_bytes_) {
    const auto* victim = static_cast<Node*>(order_.victim());
    ++stats_.evicted;
    erase(index_.find({victim->hash, victim->key}));
  }
}

std::size_t Shard::erase_if(const std::function<bool(const Node&)>& goes) {
  std::size_t count = 0;
  for (auto at = index_.begin(); at != index_.end();) {
    if (goes(*at->second)) {
      at = erase(at);
      ++count;
    } else {
      ++at;
    }
  }
  return count;
}

// Purging takes computations out of the table as well: who asks afterwards must not get what began before,
// and what began before must not be kept.
std::size_t Shard::purge_key(std::string_view key, std::uint64_t hash) {
  const std::lock_guard lock(mutex_);
  if (const auto flight = flights_.find({hash, key}); flight != flights_.end()) flights_.erase(flight);
  const auto at = index_.find({hash, key});
  if (at == index_.end()) return 0;
  erase(at);
  ++stats_.purged;
  return 1;
}

std::size_t Shard::purge_tag(const std::string& tag) {
  const std::lock_guard lock(mutex_);
  flights_.clear();
  const std::size_t count = erase_if(
      [&](const Node& node) { return std::ranges::find(node.entry->tags, tag) != node.entry->tags.end(); });
  stats_.purged += count;
  return count;
}

std::size_t Shard::purge_all() {
  const std::lock_guard lock(mutex_);
  flights_.clear();
  const std::size_t count = erase_if([](const Node&) { return true; });
  stats_.purged += count;
  return count;
}

std::size_t Shard::sweep() {
  const std::int64_t now = options_->now_ms();
  const std::lock_guard lock(mutex_);
  const std::size_t count = erase_if([&](const Node& node) { return now >= node.stale_until_ms; });
  stats_.expired += count;
  return count;
}

void Shard::collect_hot(std::vector<HotKey>& out) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [key, node] : index_) {
    if (!node->entry->negative) out.push_back({node->key, node->entry->origin, node->hits});
  }
}

Stats Shard::stats() const {
  const std::lock_guard lock(mutex_);
  Stats now = stats_;
  now.items = index_.size();
  now.bytes = bytes_;
  return now;
}

}  // namespace odordiff::cache
