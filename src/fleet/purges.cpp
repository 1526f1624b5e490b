#include "fleet/purges.h"

#include <charconv>
#include <optional>

#include "base/error.h"

namespace odordiff::fleet {
namespace {

using redis::Reply;
using redis::Script;

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

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

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
        client_->eval(*kPurge, {key_}, {tag, channel_, "0"}, {call_timeout_, redis::Retry::Safe});
    if (const auto generation = number(reply.as_text())) raise(tag, *generation);
  } catch (const Error&) {
    behind_.count_error();
    const std::lock_guard lock(mutex_);
    unheard_.insert(tag);
  }
}

// "GENERATION TAG"
void Purges::on_message(std::string_view payload) {
  const auto space = payload.find(' ');
  const auto generation = number(payload.substr(0, space));
  if (space == std::string_view::npos || !generation) return;
  ++heard_;
  raise(std::string(payload.substr(space + 1)), *generation);
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
    std::int64_t& known = generations_[tag];
    if (generation <= known) return;
    known = generation;
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
    behind_.eval(kPurge, {key_}, {tag, channel_, "0"}, {}, [this, tag] {
      const std::lock_guard lock(mutex_);
      unheard_.insert(tag);
    });
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
    if (const auto generation = number(all.items[i + 1].text)) raise(all.items[i].text, *generation);
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
    behind_.eval(kPurge, {key_}, {tag, channel_, std::to_string(generation)});
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
    const auto at = known.find(tag);
    const std::int64_t newest = at == known.end() ? 0 : at->second;
    if (generation < newest) current = false;
    if (generation > newest) raise(tag, generation);
  }
  return current;
}

}  // namespace odordiff::fleet
