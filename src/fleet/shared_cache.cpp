#include "fleet/shared_cache.h"

#include <utility>

#include "base/error.h"
#include "base/hex.h"
#include "base/random.h"
#include "base/sha256.h"

namespace odordiff::fleet {
namespace {

using redis::Reply;
using redis::Script;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

// Another one makes all that is stored unreadable, on purpose.
constexpr const char* kFormat = "1";

// Who waits for another machine is told by a message; this is for messages that were missed.
constexpr milliseconds kPoll{250}, kLook{20};
constexpr int kMostUnreadable = 2;

// KEYS: value, lease. ARGV: token, milliseconds of the lease. Without a token nothing is claimed.
const auto kAsk = std::make_shared<const Script>(R"(
local value = redis.call('GET', KEYS[1])
if value then return {'found', value, redis.call('PTTL', KEYS[1])} end
if ARGV[1] == '' then return {'none'} end
if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) or redis.call('GET', KEYS[2]) == ARGV[1] then
  return {'claimed'}
end
return {'taken'})");

// KEYS: value, lease. ARGV: value, milliseconds it lives, token, channel, digest.
const auto kPut = std::make_shared<const Script>(R"(
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
if redis.call('GET', KEYS[2]) == ARGV[3] then redis.call('DEL', KEYS[2]) end
redis.call('PUBLISH', ARGV[4], ARGV[5])
return 1)");

// KEYS: lease. ARGV: token, channel, digest.
const auto kRelease = std::make_shared<const Script>(R"(
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('PUBLISH', ARGV[2], ARGV[3])
return 1)");

// KEYS: lease. ARGV: token, milliseconds.
const auto kRenew = std::make_shared<const Script>(R"(
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2]))");

}  // namespace

struct SharedCache::Counts {
  using Count = std::atomic<std::uint64_t>;
  Count hits{0}, misses{0}, stored{0}, raw_bytes{0}, stored_bytes{0}, poisoned{0}, outdated{0}, claims{0},
      lease_waits{0};
};

// A claim, for as long as it lives.
struct SharedCache::Lease {
  Lease(SharedCache& owner, std::string of, std::string by, Generations at)
      : cache(owner), digest(std::move(of)), token(std::move(by)), generations(std::move(at)) {}
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ~Lease() {
    if (!given_back) cache.release(digest, token);
  }

  SharedCache& cache;
  const std::string digest, token;
  const Generations generations;  // when the computation began
  std::atomic<bool> given_back{false};
};

struct SharedCache::Asked {
  enum class Kind { Found, Unreadable, None, Claimed, Taken, Failed };
  Kind kind = Kind::Failed;
  std::optional<Stored> stored = {};
};

SharedCache::SharedCache(std::shared_ptr<redis::Client> client, SharedCacheOptions options,
                         observe::Registry* registry)
    : client_(std::move(client)),
      options_(std::move(options)),
      base_(options_.prefix + "answer:" + kFormat + ":" + sha256_hex(options_.model).substr(0, 16) + ":"),
      done_channel_(options_.prefix + "done"),
      counts_(std::make_shared<Counts>()),
      behind_(std::make_shared<Behind>(client_)),
      purges_(client_, *behind_, options_.prefix, options_.call_timeout) {
  if (registry != nullptr) {
    const auto count = [&](const char* name, const char* help, Counts::Count Counts::*member) {
      registry->counter_from(std::string("odordiff_shared_cache_") + name, help, [counts = counts_, member] {
        return static_cast<double>(((*counts).*member).load());
      });
    };
    count("hits_total", "Answers found in Redis.", &Counts::hits);
    count("misses_total", "Answers that were not there, Redis out of reach among them.", &Counts::misses);
    count("stored_total", "Answers put into Redis.", &Counts::stored);
    count("raw_bytes_total", "Bytes of what was put, before packing.", &Counts::raw_bytes);
    count("stored_bytes_total", "Bytes of what was put, packed.", &Counts::stored_bytes);
    registry->counter_from("odordiff_shared_cache_errors_total",
                           "Calls of the shared cache to Redis that came to nothing.",
                           [behind = behind_] { return static_cast<double>(behind->errors()); });
    count("poisoned_total", "Entries that could not be read, and were deleted.", &Counts::poisoned);
    count("outdated_total", "Entries of before a purge, found and deleted.", &Counts::outdated);
    count("claims_total", "Rights to compute an answer that were had.", &Counts::claims);
    count("lease_waits_total", "Times that another machine's computation was waited for.",
          &Counts::lease_waits);
  }
  redis::Subscriber subscriber;
  subscriber.message = [this](std::string_view channel, std::string_view payload) {
    on_message(channel, payload);
  };
  subscriber.ready = [this] { purges_.sync(); };
  subscriber.gap = [this] { purges_.on_gap(); };
  subscription_ = client_->subscribe({purges_.channel(), done_channel_}, std::move(subscriber));
  maintenance_ = std::jthread([this](const std::stop_token& stop) { maintain(stop); });
}

SharedCache::~SharedCache() {
  maintenance_.request_stop();
  maintenance_.join();
  subscription_.end();
  behind_->wait();
}

std::string SharedCache::digest_of(std::string_view key) const {
  return sha256_hex(key);
}

SharedCache::Asked SharedCache::ask(const std::string& digest, const std::string& token) {
  using Kind = Asked::Kind;
  try {
    // What was purged must be known before anything is believed.
    purges_.need();
    const Reply reply =
        client_->eval(*kAsk, {value_key(digest), lease_key(digest)},
                      {token, std::to_string(options_.lease.count())}, {options_.call_timeout});
    const auto& items = reply.as_items();
    if (items.empty()) return {};
    const std::string& word = items.front().as_text();
    if (word == "claimed") return {Kind::Claimed};
    if (word == "taken") return {Kind::Taken};
    if (word == "none") return {Kind::None};
    if (items.size() != 3) return {};
    auto stored = read(digest, items[1], items[2]);
    if (!stored) return {Kind::Unreadable};
    return {Kind::Found, std::move(stored)};
  } catch (const Error&) {
    behind_->count_error();
    return {};
  }
}

// Nothing: it was of no use, and is being deleted.
std::optional<cache::Tier::Stored> SharedCache::read(const std::string& digest, const Reply& value,
                                                     const Reply& left) {
  auto stored = unpack_entry(value.as_text(), digest);
  if (!stored || !purges_.hold(stored->generations)) {
    ++(stored ? counts_->outdated : counts_->poisoned);
    behind_->send({"UNLINK", value_key(digest)});
    return std::nullopt;
  }
  const std::int64_t left_ms = std::min(left.as_integer(), stored->life.fresh_ms);
  return Stored{stored->entry,
                {.fresh_ms = std::max<std::int64_t>(left_ms, 0), .stale_ms = stored->life.stale_ms}};
}

std::optional<cache::Tier::Stored> SharedCache::get(std::string_view key) {
  Asked asked = ask(digest_of(key), "");
  ++(asked.stored ? counts_->hits : counts_->misses);
  return std::move(asked.stored);
}

// Minds, while it lives, what is said of a digest.
class SharedCache::Attention {
 public:
  Attention(SharedCache& cache, const std::string& digest) : cache_(cache), digest_(digest) {
    const std::lock_guard lock(cache_.mutex_);
    ++cache_.awaited_[digest_].waiters;
  }
  Attention(const Attention&) = delete;
  Attention& operator=(const Attention&) = delete;
  ~Attention() {
    const std::lock_guard lock(cache_.mutex_);
    const auto at = cache_.awaited_.find(digest_);
    if (--at->second.waiters == 0) cache_.awaited_.erase(at);
  }

  std::uint64_t said() const {
    const std::lock_guard lock(cache_.mutex_);
    return cache_.awaited_[digest_].said;
  }
  // Until more has been said than `before`, or for so long as messages may be trusted, or `unwanted`.
  void wait(std::uint64_t before, const std::atomic<bool>& unwanted) const {
    std::unique_lock lock(cache_.mutex_);
    const auto end = Clock::now() + kPoll;
    while (Clock::now() < end && !unwanted && cache_.awaited_[digest_].said == before) {
      cache_.changed_.wait_for(lock, kLook);
    }
  }

 private:
  SharedCache& cache_;
  const std::string& digest_;
};

cache::Tier::Fetched SharedCache::get_or_claim(std::string_view key, const std::atomic<bool>& unwanted) {
  using Kind = Asked::Kind;
  const std::string digest = digest_of(key);
  const std::string token = hex_of(random_bytes(16));
  const Attention attention(*this, digest);
  const auto deadline = Clock::now() + options_.patience;
  bool waited = false;
  int unreadable = 0;
  while (!unwanted) {
    const std::uint64_t said = attention.said();
    Asked asked = ask(digest, token);
    if (asked.kind == Kind::Found) {
      ++counts_->hits;
      return {std::move(asked.stored), nullptr};
    }
    if (asked.kind == Kind::Claimed) {
      ++counts_->misses;
      ++counts_->claims;
      auto lease = std::make_shared<Lease>(*this, digest, token, purges_.now());
      const std::lock_guard lock(mutex_);
      leases_[digest] = lease;
      return {std::nullopt, std::move(lease)};
    }
    if (asked.kind == Kind::Unreadable && ++unreadable < kMostUnreadable) continue;
    if (asked.kind != Kind::Taken || Clock::now() >= deadline) break;
    if (!std::exchange(waited, true)) ++counts_->lease_waits;
    attention.wait(said, unwanted);
  }
  ++counts_->misses;
  return {};
}

void SharedCache::put(std::string_view key, const Stored& stored) {
  const double chance = static_cast<double>(random_id()) * 0x1p-64;
  const auto fresh_ms =
      static_cast<std::int64_t>(static_cast<double>(stored.left.fresh_ms) * (1 - options_.jitter * chance));
  if (fresh_ms <= 0) return;
  const std::string digest = digest_of(key);
  std::shared_ptr<Lease> lease;
  {
    const std::lock_guard lock(mutex_);
    const auto at = leases_.find(digest);
    if (at != leases_.end()) lease = at->second.lock();
  }
  const Generations known = lease ? lease->generations : purges_.now();
  StoredEntry entry{stored.entry, {.fresh_ms = fresh_ms, .stale_ms = stored.left.stale_ms}, {}};
  entry.generations[kEverything] = last_purge(known, kEverything);
  for (const auto& tag : stored.entry->tags) entry.generations[tag] = last_purge(known, tag);
  PackedEntry packed;
  try {
    packed = pack_entry(entry, digest);
  } catch (const Error&) {
    behind_->count_error();
    return;
  }
  if (packed.bytes.size() > options_.most_bytes) return;
  ++counts_->stored;
  counts_->raw_bytes += packed.raw_bytes;
  counts_->stored_bytes += packed.bytes.size();
  // The script ends the lease as well.
  if (lease) lease->given_back = true;
  behind_->eval(
      kPut, {value_key(digest), lease_key(digest)},
      {std::move(packed.bytes), std::to_string(fresh_ms), lease ? lease->token : "", done_channel_, digest});
}

std::uint64_t SharedCache::erase_all() {
  purge_all();
  if (client_->options().mode == redis::Mode::Cluster) return 0;
  constexpr milliseconds kOneLook{10'000};
  std::uint64_t erased = 0;
  std::string cursor = "0";
  do {
    const Reply page =
        client_->command({"SCAN", cursor, "MATCH", options_.prefix + "answer:*", "COUNT", "1000"},
                         {.timeout = kOneLook, .retry = redis::Retry::Safe});
    cursor = page.items.at(0).as_text();
    redis::Command unlink = {"UNLINK"};
    for (const Reply& key : page.items.at(1).items) unlink.push_back(key.as_text());
    if (unlink.size() > 1) {
      erased +=
          static_cast<std::uint64_t>(client_->command(std::move(unlink), {.timeout = kOneLook}).integer);
    }
  } while (cursor != "0");
  return erased;
}

void SharedCache::release(const std::string& digest, const std::string& token) {
  {
    const std::lock_guard lock(mutex_);
    const auto at = leases_.find(digest);
    if (at != leases_.end() && at->second.expired()) leases_.erase(at);
  }
  behind_->eval(kRelease, {lease_key(digest)}, {token, done_channel_, digest});
}

void SharedCache::on_message(std::string_view channel, std::string_view payload) {
  if (channel == purges_.channel()) return purges_.on_message(payload);
  // The digest of what was put or given up.
  const std::lock_guard lock(mutex_);
  const auto at = awaited_.find(payload);
  if (at == awaited_.end()) return;
  ++at->second.said;
  changed_.notify_all();
}

void SharedCache::maintain(const std::stop_token& stop) {
  auto synced = Clock::now();
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, stop, options_.lease / 3, [&] { return stop.stop_requested(); });
    }
    if (stop.stop_requested()) return;
    renew();
    if (!purges_.owes() && Clock::now() - synced < options_.sync) continue;
    synced = Clock::now();
    purges_.sync();
  }
}

void SharedCache::renew() {
  std::vector<std::shared_ptr<Lease>> held;
  {
    const std::lock_guard lock(mutex_);
    for (auto at = leases_.begin(); at != leases_.end();) {
      auto lease = at->second.lock();
      if (lease && !lease->given_back) held.push_back(std::move(lease));
      at = held.empty() || held.back()->digest != at->first ? leases_.erase(at) : std::next(at);
    }
  }
  for (const auto& lease : held) {
    behind_->eval(kRenew, {lease_key(lease->digest)}, {lease->token, std::to_string(options_.lease.count())});
  }
}

SharedCacheStats SharedCache::stats() const {
  SharedCacheStats out;
  out.hits = counts_->hits;
  out.misses = counts_->misses;
  out.stored = counts_->stored;
  out.raw_bytes = counts_->raw_bytes;
  out.stored_bytes = counts_->stored_bytes;
  out.errors = behind_->errors();
  out.poisoned = counts_->poisoned;
  out.outdated = counts_->outdated;
  out.invalidations = purges_.heard();
  out.claims = counts_->claims;
  out.lease_waits = counts_->lease_waits;
  return out;
}

}  // namespace odordiff::fleet
