#include "fleet/purges.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/error.h"
#include "base/numbers.h"

namespace odordiff::fleet {
namespace {

using redis::Reply;
using redis::Script;

constexpr std::size_t kMostTags = 1'000;

// KEYS: generations. ARGV: tag, channel, least generation, most tags. A generation is the server's time in
// microseconds, so that it rises even where the keys were lost. A purge of everything stands for all before
// it; one tag too many becomes that, so that the map stays small.
const auto kPurge = std::make_shared<const Script>(R"(
local key, tag = KEYS[1], ARGV[1]
if redis.call('HEXISTS', key, tag) == 0 and redis.call('HLEN', key) >= tonumber(ARGV[4]) then tag = '*' end
local now = redis.call('TIME')
local generation = math.max(now[1] * 1000000 + now[2], tonumber(ARGV[3]))
local old = tonumber(redis.call('HGET', key, tag) or '0')
if generation <= old then generation = old + 1 end
if tag == '*' then redis.call('DEL', key) end
local text = string.format('%.0f', generation)
redis.call('HSET', key, tag, text)
redis.call('PUBLISH', ARGV[2], text .. ' ' .. tag)
return text .. ' ' .. tag)");

std::vector<std::string> arguments(const std::string& tag, const std::string& channel,
                                   std::int64_t least = 0) {
  return {tag, channel, std::to_string(least), std::to_string(kMostTags)};
}

}  // namespace

std::int64_t last_purge(const Generations& generations, const std::string& tag) {
  std::int64_t last = 0;
  for (const auto& name : {tag, std::string(kEverything)}) {
    if (const auto at = generations.find(name); at != generations.end()) last = std::max(last, at->second);
  }
  return last;
}

Purges::Purges(std::shared_ptr<redis::Client> client, Behind& behind, const std::string& prefix,
               std::chrono::milliseconds call_timeout)
    : client_(std::move(client)),
      behind_(behind),
      key_(prefix + "generations"),
      channel_(prefix + "purged"),
      call_timeout_(call_timeout) {}

std::shared_ptr<void> Purges::tell(Told told) {
  set_told(std::move(told));
  return {nullptr, [this](void*) { set_told({}); }};
}

void Purges::set_told(Told told) {
  const std::lock_guard telling(telling_);
  told_ = std::move(told);
}

void Purges::purge(const std::string& tag) {
  try {
    const Reply reply =
        client_->eval(*kPurge, {key_}, arguments(tag, channel_), {call_timeout_, redis::Retry::Safe});
    (void)mind(reply.as_text());
  } catch (const Error&) {
    behind_.count_error();
    owe(tag);
  }
}

void Purges::owe(const std::string& tag) {
  const std::lock_guard lock(mutex_);
  if (unheard_.size() >= kMostTags) unheard_ = {kEverything};
  unheard_.insert(tag);
}

void Purges::on_message(std::string_view payload) {
  if (mind(payload)) ++heard_;
}

bool Purges::mind(std::string_view said) {
  const auto space = said.find(' ');
  if (space == std::string_view::npos) return false;
  const auto generation = number_in<std::int64_t>(said.substr(0, space));
  if (generation) raise(std::string(said.substr(space + 1)), *generation);
  return generation.has_value();
}

void Purges::on_gap() {
  {
    const std::lock_guard telling(telling_);
    if (told_.all) told_.all();
  }
  sync();
}

void Purges::raise(const std::string& tag, std::int64_t generation) {
  {
    const std::lock_guard lock(mutex_);
    if (generation <= last_purge(generations_, tag)) return;
    generations_[tag] = generation;
    if (tag == kEverything) {  // what was purged before goes with it
      std::erase_if(generations_,
                    [&](const auto& one) { return one.second <= generation && one.first != kEverything; });
    }
  }
  const std::lock_guard telling(telling_);
  if (tag == kEverything) {
    if (told_.all) told_.all();
  } else if (told_.tag) {
    told_.tag(tag);
  }
}

void Purges::sync() {
  std::set<std::string> unheard;
  {
    const std::lock_guard lock(mutex_);
    unheard.swap(unheard_);
  }
  behind_.send({"HGETALL", key_}, [this](const Reply& all) { take(all); });
  for (const auto& tag : unheard) {
    behind_.eval(kPurge, {key_}, arguments(tag, channel_), {}, [this, tag] { owe(tag); });
  }
}

void Purges::need() {
  {
    const std::lock_guard lock(mutex_);
    if (known_) return;
  }
  take(client_->command({"HGETALL", key_}, {call_timeout_}));
}

void Purges::take(const Reply& all) {
  if (all.kind != Reply::Kind::Map) return;
  for (std::size_t i = 0; i + 1 < all.items.size(); i += 2) {
    const auto generation = number_in<std::int64_t>(all.items[i + 1].text);
    if (generation) raise(all.items[i].text, *generation);
  }
  // What Redis has lost, evicted perhaps, it is told again.
  std::vector<std::pair<std::string, std::int64_t>> lost;
  {
    const std::lock_guard lock(mutex_);
    known_ = true;
    for (const auto& [tag, generation] : generations_) {
      if (generation > 0 && all.find(tag) == nullptr) lost.emplace_back(tag, generation);
    }
  }
  for (const auto& [tag, generation] : lost) {
    behind_.eval(kPurge, {key_}, arguments(tag, channel_, generation));
  }
}

bool Purges::owes() const {
  const std::lock_guard lock(mutex_);
  return !unheard_.empty();
}

Generations Purges::now() const {
  const std::lock_guard lock(mutex_);
  return generations_;
}

bool Purges::hold(const Generations& generations) {
  bool current = true;
  const Generations known = now();
  for (const auto& [tag, generation] : generations) {
    const std::int64_t newest = last_purge(known, tag);
    if (generation < newest) current = false;
    if (generation > newest) raise(tag, generation);
  }
  return current;
}

}  // namespace odordiff::fleet
