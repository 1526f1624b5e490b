#include "cache/cache.h"

#include <algorithm>
#include <utility>

#include "base/rng.h"

namespace odordiff::cache {
namespace {

// Fewer items than this in a shard, and the luck of the hash would decide what stays.
constexpr std::size_t kLeastItemsOfShard = 64;

Options complete(Options options) {
  if (!options.now_ms) {
    options.now_ms = [] {
      const auto now = std::chrono::steady_clock::now().time_since_epoch();
      return std::int64_t{std::chrono::duration_cast<std::chrono::milliseconds>(now).count()};
    };
  }
  const std::size_t most = std::max<std::size_t>(1, options.max_items / kLeastItemsOfShard);
  options.shards = std::clamp<std::size_t>(options.shards, 1, most);
  return options;
}

std::uint64_t hash(std::string_view key) {
  return mix64(std::hash<std::string_view>{}(key));
}

void run(Lead& lead, const Cache::Compute& compute) {
  try {
    if (lead.look_below() != nullptr) return;
    Cache::Computed computed = compute(lead.unwanted());
    lead.publish(std::move(computed.entry), computed.life);
  } catch (...) {
    lead.fail(std::current_exception());
  }
}

}  // namespace

Cache::Cache(Options options) : options_(std::make_shared<const Options>(complete(std::move(options)))) {
  const std::size_t n = options_->shards;
  for (std::size_t i = 0; i < n; ++i) {
    shards_.push_back(std::make_shared<Shard>(
        options_, options_->max_items / n + (i < options_->max_items % n ? 1 : 0), options_->max_bytes / n));
  }
}

// The index uses the low bits of the hash, so the shard is chosen by the high ones.
Shard& Cache::shard(std::uint64_t hash) {
  return *shards_[(hash >> 40U) % shards_.size()];
}

Lookup Cache::look_up(std::string_view key) {
  const std::uint64_t h = hash(key);
  return shard(h).look_up(key, h, true);
}

Lookup Cache::peek(std::string_view key) {
  const std::uint64_t h = hash(key);
  return shard(h).look_up(key, h, false);
}

EntryPtr Cache::get(std::string_view key, const Compute& compute, const Patience& patience) {
  Lookup found = look_up(key);
  if (found.lead.has_value()) {
    if (options_->background) {
      // std::function copies what it holds, and a Lead cannot be copied.
      auto lead = std::make_shared<Lead>(std::move(*found.lead));
      options_->background([lead, compute] { run(*lead, compute); });
    } else if (found.waiter.has_value()) {
      run(*found.lead, compute);
    } else {
      // A refresh on the caller's thread. When it fails the stale answer is still the best that there is.
      run(*found.lead, compute);
      const Lookup renewed = peek(key);
      return renewed.entry != nullptr ? renewed.entry : found.entry;
    }
  }
  if (found.entry != nullptr) return found.entry;
  return found.waiter->wait(patience.cancel, patience.deadline);
}

EntryPtr Cache::put(std::string_view key, Entry entry, std::optional<Lifetime> life) {
  const Lifetime lifetime = life.value_or(options_->lifetime(entry));
  auto shared = std::make_shared<const Entry>(std::move(entry));
  const std::uint64_t h = hash(key);
  shard(h).put(key, h, shared, lifetime);
  return shared;
}

EntryPtr Cache::add_form(std::string_view key, const EntryPtr& entry, Form form) {
  if (entry->form(form.name) != nullptr) return entry;
  Entry more = *entry;
  more.forms.push_back(std::make_shared<const Form>(std::move(form)));
  auto shared = std::make_shared<const Entry>(std::move(more));
  const std::uint64_t h = hash(key);
  shard(h).replace(key, h, entry, shared);
  return shared;
}

std::size_t Cache::purge_key(std::string_view key) {
  const std::uint64_t h = hash(key);
  return shard(h).purge_key(key, h);
}

std::size_t Cache::purge_tag(const std::string& tag) {
  // Below first, so that nobody brings the old answer up again in between.
  if (options_->tier != nullptr) options_->tier->purge(tag);
  return forget_tag(tag);
}

std::size_t Cache::purge_all() {
  if (options_->tier != nullptr) options_->tier->purge_all();
  return forget_all();
}

std::size_t Cache::forget_tag(const std::string& tag) {
  std::size_t count = 0;
  for (const auto& shard : shards_) count += shard->purge_tag(tag);
  return count;
}

std::size_t Cache::forget_all() {
  std::size_t count = 0;
  for (const auto& shard : shards_) count += shard->purge_all();
  return count;
}

std::size_t Cache::sweep() {
  std::size_t count = 0;
  for (const auto& shard : shards_) count += shard->sweep();
  return count;
}

std::vector<HotKey> Cache::hottest(std::size_t count) const {
  std::vector<HotKey> all;
  for (const auto& shard : shards_) shard->collect_hot(all);
  std::ranges::sort(all, [](const HotKey& a, const HotKey& b) {
    return a.hits != b.hits ? a.hits > b.hits : a.key < b.key;
  });
  if (all.size() > count) all.resize(count);
  return all;
}

Stats Cache::stats() const {
  Stats sum;
  for (const auto& shard : shards_) sum += shard->stats();
  return sum;
}

}  // namespace odordiff::cache
