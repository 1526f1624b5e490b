#include "fleet/shared_cache.h"

#include <openssl/rand.h>

#include <charconv>
#include <utility>

#include "base/error.h"
#include "base/sha256.h"

namespace odordiff::fleet {
namespace {

using redis::CallOptions;
using redis::Outcome;
using redis::Reply;
using redis::Script;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

// Another one makes all that is stored unreadable, on purpose.
constexpr const char* kFormat = "1";
constexpr const char* kEverything = "*";

// For what nobody waits for.
constexpr CallOptions kBehind{milliseconds(1000)};
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

// KEYS: generations. ARGV: tag, channel, least generation. A generation is the server's time in microseconds,
// so that it rises even where the keys were lost.
const auto kPurge = std::make_shared<const Script>(R"(
local now = redis.call('TIME')
local generation = math.max(now[1] * 1000000 + now[2], tonumber(ARGV[3]))
local old = tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or '0')
if generation <= old then generation = old + 1 end
local text = string.format('%.0f', generation)
redis.call('HSET', KEYS[1], ARGV[1], text)
redis.call('PUBLISH', ARGV[2], text .. ' ' .. ARGV[1])
return text)");

std::string random_token() {
  unsigned char bytes[16];
  if (RAND_bytes(bytes, sizeof bytes) != 1) throw Internal("libcrypto has no random numbers");
  std::string out;
  for (const unsigned char byte : bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 15U];
  }
  return out;
}

// In [0, 1), good enough to spread lives.
double chance() {
  unsigned char bytes[2] = {};
  (void)RAND_bytes(bytes, sizeof bytes);
  return (bytes[0] * 256 + bytes[1]) / 65536.0;
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

struct SharedCache::Counts {
  using Count = std::atomic<std::uint64_t>;
  Count hits{0}, misses{0}, stored{0}, raw_bytes{0}, stored_bytes{0}, errors{0}, poisoned{0}, outdated{0},
      invalidations{0}, claims{0}, lease_waits{0};
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
      generations_key_(options_.prefix + "generations"),
      purge_channel_(options_.prefix + "purged"),
      done_channel_(options_.prefix + "done"),
      counts_(std::make_shared<Counts>()) {
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
    count("errors_total", "Calls of the shared cache to Redis that came to nothing.", &Counts::errors);
    count("poisoned_total", "Entries that could not be read, and were deleted.", &Counts::poisoned);
    count("outdated_total", "Entries of before a purge, found and deleted.", &Counts::outdated);
    count("invalidations_total", "Purges that were heard of.", &Counts::invalidations);
    count("claims_total", "Rights to compute an answer that were had.", &Counts::claims);
    count("lease_waits_total", "Times that another machine's computation was waited for.",
          &Counts::lease_waits);
  }
  redis::Subscriber subscriber;
  subscriber.message = [this](std::string_view channel, std::string_view payload) {
    on_message(channel, payload);
  };
  subscriber.ready = [this] { sync(); };
  subscriber.gap = [this] {
    {
      const std::lock_guard telling(telling_);
      if (purged_.all) purged_.all();
    }
    sync();
  };
  subscription_ = client_->subscribe({purge_channel_, done_channel_}, std::move(subscriber));
  maintenance_ = std::jthread([this](const std::stop_token& stop) { maintain(stop); });
}

SharedCache::~SharedCache() {
  set_purged({});
  maintenance_.request_stop();
  maintenance_.join();
  subscription_.end();
  // What is under way has its time limits, and holds on to this.
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return under_way_ == 0; });
}

std::shared_ptr<void> SharedCache::tell(Purged purged) {
  set_purged(std::move(purged));
  return {nullptr, [this](void*) { set_purged({}); }};
}

void SharedCache::set_purged(Purged purged) {
  const std::lock_guard telling(telling_);
  purged_ = std::move(purged);
}

std::string SharedCache::digest_of(std::string_view key) const {
  return sha256_hex(key);
}

// A call that nobody waits for.
void SharedCache::behind(const std::shared_ptr<const Script>& script, std::vector<std::string> keys,
                         std::vector<std::string> arguments, std::function<void(const Reply&)> then) {
  {
    const std::lock_guard lock(mutex_);
    ++under_way_;
  }
  client_->send_eval(script, std::move(keys), std::move(arguments), kBehind,
                     [this, then = std::move(then)](const Outcome& outcome) { ended(outcome, then); });
}

void SharedCache::ended(const Outcome& outcome, const std::function<void(const Reply&)>& then) {
  if (outcome.error) {
    ++counts_->errors;
  } else if (then) {
    then(outcome.reply);
  }
  const std::lock_guard lock(mutex_);
  --under_way_;
  changed_.notify_all();
}

SharedCache::Asked SharedCache::ask(const std::string& digest, const std::string& token) {
  using Kind = Asked::Kind;
  try {
    bool synced = false;
    {
      const std::lock_guard lock(mutex_);
      synced = synced_;
    }
    // What was purged must be known before anything is believed.
    if (!synced) take_generations(client_->command({"HGETALL", generations_key_}, {options_.call_timeout}));
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
    ++counts_->errors;
    return {};
  }
}

// Nothing: it was of no use, and is being deleted.
std::optional<cache::Tier::Stored> SharedCache::read(const std::string& digest, const Reply& value,
                                                     const Reply& left) {
  auto stored = unpack_entry(value.as_text(), digest);
  bool outdated = false;
  if (stored) {
    for (const auto& [tag, generation] : stored->generations) {
      std::int64_t known = 0;
      {
        const std::lock_guard lock(mutex_);
        const auto at = generations_.find(tag);
        if (at != generations_.end()) known = at->second;
      }
      if (generation < known) outdated = true;
      // Written after a purge that was not heard of here.
      if (generation > known) raise(tag, generation);
    }
  }
  if (!stored || outdated) {
    ++(outdated ? counts_->outdated : counts_->poisoned);
    remove(digest);
    return std::nullopt;
  }
  const std::int64_t left_ms = std::min(left.as_integer(), stored->life.fresh_ms);
  return Stored{stored->entry,
                {.fresh_ms = std::max<std::int64_t>(left_ms, 0), .stale_ms = stored->life.stale_ms}};
}

void SharedCache::remove(const std::string& digest) {
  {
    const std::lock_guard lock(mutex_);
    ++under_way_;
  }
  client_->send({"UNLINK", value_key(digest)}, kBehind,
                [this](const Outcome& outcome) { ended(outcome, {}); });
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
  const std::string token = random_token();
  const Attention attention(*this, digest);
  const auto deadline = Clock::now() + options_.patience;
  bool waited = false;
  int unreadable = 0;
  while (!unwanted) {
    const std::uint64_t said = attention.said();
    Generations before = generations();
    Asked asked = ask(digest, token);
    if (asked.kind == Kind::Found) {
      ++counts_->hits;
      return {std::move(asked.stored), nullptr};
    }
    if (asked.kind == Kind::Claimed) {
      ++counts_->misses;
      ++counts_->claims;
      auto lease = std::make_shared<Lease>(*this, digest, token, std::move(before));
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
  const auto fresh_ms =
      static_cast<std::int64_t>(static_cast<double>(stored.left.fresh_ms) * (1 - options_.jitter * chance()));
  if (fresh_ms <= 0) return;
  const std::string digest = digest_of(key);
  std::shared_ptr<Lease> lease;
  Generations known;
  {
    const std::lock_guard lock(mutex_);
    const auto at = leases_.find(digest);
    if (at != leases_.end()) lease = at->second.lock();
    known = lease ? lease->generations : generations_;
  }
  StoredEntry entry{stored.entry, {.fresh_ms = fresh_ms, .stale_ms = stored.left.stale_ms}, {}};
  const auto generation_of = [&](const std::string& tag) {
    const auto at = known.find(tag);
    entry.generations[tag] = at == known.end() ? 0 : at->second;
  };
  generation_of(kEverything);
  for (const auto& tag : stored.entry->tags) generation_of(tag);
  PackedEntry packed;
  try {
    packed = pack_entry(entry, digest);
  } catch (const Error&) {
    ++counts_->errors;
    return;
  }
  if (packed.bytes.size() > options_.most_bytes) return;
  ++counts_->stored;
  counts_->raw_bytes += packed.raw_bytes;
  counts_->stored_bytes += packed.bytes.size();
  // The script ends the lease as well.
  if (lease) lease->given_back = true;
  behind(
      kPut, {value_key(digest), lease_key(digest)},
      {std::move(packed.bytes), std::to_string(fresh_ms), lease ? lease->token : "", done_channel_, digest},
      {});
}

void SharedCache::release(const std::string& digest, const std::string& token) {
  {
    const std::lock_guard lock(mutex_);
    const auto at = leases_.find(digest);
    if (at != leases_.end() && at->second.expired()) leases_.erase(at);
  }
  behind(kRelease, {lease_key(digest)}, {token, done_channel_, digest}, {});
}

void SharedCache::purge(std::string_view tag) {
  purge_generation(std::string(tag));
}

void SharedCache::purge_all() {
  purge_generation(kEverything);
}

void SharedCache::purge_generation(const std::string& tag) {
  try {
    const Reply reply = client_->eval(*kPurge, {generations_key_}, {tag, purge_channel_, "0"},
                                      {options_.call_timeout, redis::Retry::Safe});
    if (const auto generation = number(reply.as_text())) raise(tag, *generation);
  } catch (const Error&) {
    ++counts_->errors;
    const std::lock_guard lock(mutex_);
    unpurged_.insert(tag);
  }
}

// Purges as "GENERATION TAG"; of what was put or given up, the digest.
void SharedCache::on_message(std::string_view channel, std::string_view payload) {
  if (channel == done_channel_) {
    const std::lock_guard lock(mutex_);
    const auto at = awaited_.find(payload);
    if (at == awaited_.end()) return;
    ++at->second.said;
    changed_.notify_all();
    return;
  }
  const auto space = payload.find(' ');
  const auto generation = number(payload.substr(0, space));
  if (space == std::string_view::npos || !generation) return;
  ++counts_->invalidations;
  raise(std::string(payload.substr(space + 1)), *generation);
}

void SharedCache::raise(const std::string& tag, std::int64_t generation) {
  {
    const std::lock_guard lock(mutex_);
    std::int64_t& known = generations_[tag];
    if (generation <= known) return;
    known = generation;
  }
  const std::lock_guard telling(telling_);
  if (tag == kEverything) {
    if (purged_.all) purged_.all();
  } else if (purged_.tag) {
    purged_.tag(tag);
  }
}

void SharedCache::sync() {
  std::set<std::string> unpurged;
  {
    const std::lock_guard lock(mutex_);
    unpurged.swap(unpurged_);
    ++under_way_;
  }
  client_->send({"HGETALL", generations_key_}, kBehind, [this](const Outcome& outcome) {
    ended(outcome, [this](const Reply& reply) { take_generations(reply); });
  });
  for (const auto& tag : unpurged) {
    {
      const std::lock_guard lock(mutex_);
      ++under_way_;
    }
    client_->send_eval(kPurge, {generations_key_}, {tag, purge_channel_, "0"}, kBehind,
                       [this, tag](const Outcome& outcome) {
                         if (outcome.error) {
                           const std::lock_guard lock(mutex_);
                           unpurged_.insert(tag);
                         }
                         ended(outcome, {});
                       });
  }
}

void SharedCache::take_generations(const Reply& all) {
  if (all.kind != Reply::Kind::Map) return;
  for (std::size_t i = 0; i + 1 < all.items.size(); i += 2) {
    if (const auto generation = number(all.items[i + 1].text)) raise(all.items[i].text, *generation);
  }
  // What Redis has lost, evicted perhaps, it is told again.
  std::vector<std::pair<std::string, std::int64_t>> lost;
  {
    const std::lock_guard lock(mutex_);
    synced_ = true;
    for (const auto& [tag, generation] : generations_) {
      if (generation > 0 && all.find(tag) == nullptr) lost.emplace_back(tag, generation);
    }
  }
  for (const auto& [tag, generation] : lost) {
    behind(kPurge, {generations_key_}, {tag, purge_channel_, std::to_string(generation)}, {});
  }
}

Generations SharedCache::generations() const {
  const std::lock_guard lock(mutex_);
  return generations_;
}

void SharedCache::maintain(const std::stop_token& stop) {
  auto synced = Clock::now();
  while (!stop.stop_requested()) {
    bool owing = false;
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, stop, options_.lease / 3, [&] { return stop.stop_requested(); });
      owing = !unpurged_.empty();
    }
    if (stop.stop_requested()) return;
    renew();
    if (!owing && Clock::now() - synced < options_.sync) continue;
    synced = Clock::now();
    sync();
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
    behind(kRenew, {lease_key(lease->digest)}, {lease->token, std::to_string(options_.lease.count())}, {});
  }
}

SharedCacheStats SharedCache::stats() const {
  SharedCacheStats out;
  out.hits = counts_->hits;
  out.misses = counts_->misses;
  out.stored = counts_->stored;
  out.raw_bytes = counts_->raw_bytes;
  out.stored_bytes = counts_->stored_bytes;
  out.errors = counts_->errors;
  out.poisoned = counts_->poisoned;
  out.outdated = counts_->outdated;
  out.invalidations = counts_->invalidations;
  out.claims = counts_->claims;
  out.lease_waits = counts_->lease_waits;
  return out;
}

}  // namespace odordiff::fleet
