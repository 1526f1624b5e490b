#include "fleet/shared_limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "base/hex.h"
#include "base/numbers.h"
#include "base/random.h"
#include "base/sha256.h"

namespace odordiff::fleet {
namespace {

// By Redis' own clock, in microseconds, so that clocks of servers need not agree. The generic cell rate
// algorithm: a caller's value is the time when nothing that it was charged counts any more.
const auto kSpend = std::make_shared<const redis::Script>(R"lua(
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now) + tonumber(ARGV[1])
if full > now then
  redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000))
end
return string.format('%.0f', full - now)
)lua");

// A hash of servers with what each holds and when it said so.
const auto kHold = std::make_shared<const redis::Script>(R"lua(
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
if ARGV[2] == '0' then
  redis.call('HDEL', KEYS[1], ARGV[1])
else
  redis.call('HSET', KEYS[1], ARGV[1], string.format('%s:%.0f', ARGV[2], now))
  redis.call('PEXPIRE', KEYS[1], 10000)
end
local all = redis.call('HGETALL', KEYS[1])
local others = 0
for i = 1, #all, 2 do
  local count, said = string.match(all[i + 1], '^(%d+):(%d+)$')
  if not count or now - tonumber(said) > 5000 then
    redis.call('HDEL', KEYS[1], all[i])
  elseif all[i] ~= ARGV[1] then
    others = others + tonumber(count)
  end
end
return tostring(others)
)lua");

const auto kBeat = std::make_shared<const redis::Script>(R"lua(
local t = redis.call('TIME')
redis.call('ZADD', KEYS[1], t[1], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', t[1] - 5)
redis.call('PEXPIRE', KEYS[1], 10000)
return tostring(redis.call('ZCARD', KEYS[1]))
)lua");

constexpr double kMicroseconds = 1e6;

}  // namespace

SharedLimits::SharedLimits(std::shared_ptr<redis::Client> client, std::string prefix)
    : prefix_(std::move(prefix)), server_(hex_of(random_bytes(8))), behind_(std::move(client)) {}

std::string SharedLimits::key(const std::string& kind, const std::string& of) const {
  return prefix_ + kind + ":" + sha256_hex(of).substr(0, 32);
}

void SharedLimits::spend(const std::string& caller, double seconds, std::function<void(double)> known,
                         std::function<void()> failed) {
  behind_.eval(
      kSpend, {key("rate", caller)}, {fmt::format("{:.0f}", seconds * kMicroseconds)},
      [this, known = std::move(known), failed](const redis::Reply& reply) {
        away_ = false;
        const auto owed = number_in<double>(reply.text);
        owed ? known(*owed / kMicroseconds) : failed();
      },
      [this, failed] {
        away_ = true;
        failed();
      });
}

void SharedLimits::hold(const std::string& what, int count, std::function<void(int)> known) {
  behind_.eval(kHold, {key("held", what)}, {server_, std::to_string(count)},
               [known = std::move(known)](const redis::Reply& reply) {
                 if (const auto elsewhere = number_in<int>(reply.text)) known(*elsewhere);
               });
}

void SharedLimits::beat() {
  behind_.eval(
      kBeat, {prefix_ + "servers"}, {server_},
      [this](const redis::Reply& reply) {
        away_ = false;
        if (const auto servers = number_in<int>(reply.text)) servers_ = std::max(*servers, 1);
      },
      [this] { away_ = true; });
}

}  // namespace odordiff::fleet
