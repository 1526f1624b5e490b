// Two machines' caches over one real Redis: what one computed, what both want at once, what is purged, and
// what happens while Redis is away.
#include "fleet/shared_cache.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/error.h"
#include "cache/cache.h"
#include "processes.h"

namespace odordiff::fleet {
namespace {

using cache::Cache;
using std::chrono::milliseconds;
using Time = std::chrono::steady_clock;

cache::Entry entry_of(std::string body, std::vector<std::string> tags = {"model"}) {
  cache::Entry entry;
  entry.forms.push_back(std::make_shared<const cache::Form>(
      cache::Form{"json", "\"etag\"", "application/json", std::move(body)}));
  entry.tags = std::move(tags);
  entry.origin = "brief";
  return entry;
}

const std::string& body_of(const cache::EntryPtr& entry) {
  return entry->form("json")->body;
}

// As one server process has it.
struct Machine {
  explicit Machine(const std::string& url, SharedCacheOptions options = {}) {
    if (options.call_timeout == SharedCacheOptions{}.call_timeout) options.call_timeout = milliseconds(2000);
    client = std::make_shared<redis::Client>(redis::parse_url(url));
    shared = std::make_shared<SharedCache>(client, options, &registry);
    cache::Options l1;
    l1.tier = shared;
    memory = std::make_unique<Cache>(l1);
    told = shared->tell(
        {[this](const std::string& tag) { memory->forget_tag(tag); }, [this] { memory->forget_all(); }});
  }

  std::string get(const std::string& key, const std::function<std::string()>& compute) const {
    return body_of(memory->get(key, [&](const auto&) { return Cache::Computed{entry_of(compute()), {}}; }));
  }
  bool listens() const {
    // Both channels of each machine.
    return client->status().connections >= 3;
  }

  observe::Registry registry;
  std::shared_ptr<redis::Client> client;
  std::shared_ptr<SharedCache> shared;
  std::unique_ptr<Cache> memory;
  std::shared_ptr<void> told;
};

std::string key_in(redis::Client& client) {
  const auto keys = client.command({"KEYS", "odordiff:answer:*}"}, {milliseconds(5000)});
  return keys.items.empty() ? "" : keys.items.front().text;
}

TEST(StoredEntry, ComesBackAsItWasAndNothingElseDoes) {
  for (const std::size_t size : {std::size_t{10}, std::size_t{100'000}}) {
    StoredEntry stored{std::make_shared<const cache::Entry>(entry_of(std::string(size, 'x') + '\0' + "\xff")),
                       {.fresh_ms = 1000, .stale_ms = 50},
                       {{"*", 0}, {"model", 1'700'000'000'000'000}}};
    const PackedEntry packed = pack_entry(stored, "digest");
    EXPECT_LT(packed.bytes.size(), 1000U);
    const auto back = unpack_entry(packed.bytes, "digest");
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(body_of(back->entry), body_of(stored.entry));
    EXPECT_EQ(back->entry->tags, stored.entry->tags);
    EXPECT_EQ(back->entry->origin, "brief");
    EXPECT_EQ(back->life.stale_ms, 50);
    EXPECT_EQ(back->generations, stored.generations);
    EXPECT_FALSE(unpack_entry(packed.bytes, "other").has_value());
    for (std::size_t i = 0; i < packed.bytes.size(); ++i) {
      std::string damaged = packed.bytes;
      damaged[i] = static_cast<char>(damaged[i] ^ 1);
      EXPECT_FALSE(unpack_entry(damaged, "digest").has_value()) << i;
      EXPECT_FALSE(unpack_entry(packed.bytes.substr(0, i), "digest").has_value()) << i;
    }
  }
}

TEST(SharedCache, WhatOneMachineComputedIsAHitAtTheOther) {
  const RedisServer server;
  const Machine one(server.url()), other(server.url());
  int computed = 0;
  const auto compute = [&] { return "answer " + std::to_string(++computed); };
  EXPECT_EQ(one.get("key", compute), "answer 1");
  EXPECT_EQ(other.get("key", compute), "answer 1");
  EXPECT_EQ(computed, 1);
  EXPECT_EQ(other.shared->stats().hits, 1U);
  EXPECT_EQ(one.shared->stats().stored, 1U);
  EXPECT_GT(other.memory->peek("key").fresh_left_ms, 3'200'000);
  EXPECT_NE(other.registry.text().find("odordiff_shared_cache_hits_total 1"), std::string::npos);
  // Another model's answers are not these.
  const Machine third(server.url(), {.model = "another"});
  EXPECT_EQ(third.get("key", compute), "answer 2");
}

TEST(SharedCache, WhatAllWantAtOnceIsComputedOnce) {
  const RedisServer server;
  const Machine one(server.url()), other(server.url());
  std::atomic<int> computed{0}, right{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 100; ++i) {
      threads.emplace_back([&, i] {
        const std::string body = (i % 2 == 0 ? one : other).get("key", [&] {
          ++computed;
          std::this_thread::sleep_for(milliseconds(300));  // the work
          return std::string("answer");
        });
        if (body == "answer") ++right;
      });
    }
  }
  EXPECT_EQ(computed, 1);
  EXPECT_EQ(right, 100);
  EXPECT_EQ(one.shared->stats().lease_waits + other.shared->stats().lease_waits, 1U);
}

TEST(SharedCache, AClaimIsRenewedAndEndsWithItsMachine) {
  const RedisServer server;
  SharedCacheOptions options;
  options.lease = milliseconds(400);
  const Machine one(server.url(), options), other(server.url(), options);
  const std::atomic<bool> unwanted{false};
  auto held = one.shared->get_or_claim("key", unwanted);
  ASSERT_NE(held.claim, nullptr);
  std::atomic<bool> claimed{false};
  std::jthread waiter([&] {
    const auto fetched = other.shared->get_or_claim("key", unwanted);
    claimed = fetched.claim != nullptr;
  });
  // Longer than a lease lasts.
  EXPECT_FALSE(becomes_true([&] { return claimed.load(); }, milliseconds(1200)));
  held.claim.reset();
  EXPECT_TRUE(becomes_true([&] { return claimed.load(); }, milliseconds(2000)));
  waiter.join();

  // A machine that died with a claim in its hands: nobody renews it.
  const auto digest_key = [&] {
    const auto keys = one.client->command({"KEYS", "*:lease"}, {milliseconds(5000)});
    return keys.items.empty() ? std::string() : keys.items.front().text;
  };
  auto again = one.shared->get_or_claim("key", unwanted);
  const std::string lease = digest_key();
  one.client->command({"SET", lease, "the dead", "PX", "400"}, {milliseconds(5000)});
  const auto begin = Time::now();
  EXPECT_NE(other.shared->get_or_claim("key", unwanted).claim, nullptr);
  EXPECT_LT(Time::now() - begin, milliseconds(5000));
}

TEST(SharedCache, WhoNobodyWaitsForStopsWaiting) {
  const RedisServer server;
  const Machine one(server.url()), other(server.url());
  std::atomic<bool> unwanted{false};
  const auto held = one.shared->get_or_claim("key", unwanted);
  std::jthread later([&] {
    EXPECT_TRUE(becomes_true([&] { return other.shared->stats().lease_waits == 1; }));
    unwanted = true;
  });
  const auto fetched = other.shared->get_or_claim("key", unwanted);
  EXPECT_EQ(fetched.claim, nullptr);
  EXPECT_FALSE(fetched.stored.has_value());
}

TEST(SharedCache, APurgeReachesEveryMachineSoon) {
  const RedisServer server;
  const Machine one(server.url()), other(server.url());
  ASSERT_TRUE(becomes_true([&] { return one.listens() && other.listens(); }));
  int computed = 0;
  const auto compute = [&] { return std::to_string(++computed); };
  milliseconds worst{0};
  for (int round = 1; round <= 20; ++round) {
    EXPECT_EQ(one.get("key", compute), std::to_string(round));
    EXPECT_EQ(other.get("key", compute), std::to_string(round));
    const auto begin = Time::now();
    if (round % 2 == 0) {
      one.memory->purge_tag("model");
    } else {
      other.memory->purge_all();
    }
    EXPECT_TRUE(becomes_true([&] {
      return one.memory->peek("key").entry == nullptr && other.memory->peek("key").entry == nullptr;
    }));
    worst = std::max(worst, std::chrono::duration_cast<milliseconds>(Time::now() - begin));
  }
  std::printf("the slowest of 20 purges reached both after %lld ms\n", static_cast<long long>(worst.count()));
  // What has other tags stays.
  EXPECT_EQ(other.get("key", compute), "21");
  const auto heard = other.shared->stats().invalidations;
  one.memory->purge_tag("another tag");
  EXPECT_TRUE(becomes_true([&] { return other.shared->stats().invalidations > heard; }));
  EXPECT_EQ(other.get("key", compute), "21");
  EXPECT_EQ(one.get("key", compute), "21");
}

TEST(SharedCache, WhatIsErasedIsOutOfRedisWhateverMadeIt) {
  const RedisServer server;
  const Machine one(server.url()), other(server.url(), {.model = "another"});
  for (int i = 0; i < 1500; ++i)
    (void)one.get("key " + std::to_string(i), [] { return std::string("answer"); });
  (void)other.get("key", [] { return std::string("another answer"); });
  const auto keys = [&](const char* pattern) {
    return one.client->command({"KEYS", pattern}, {milliseconds(5000)}).items.size();
  };
  // All are put, and no claim is left that would be counted as well.
  EXPECT_TRUE(becomes_true(
      [&] { return keys("odordiff:answer:*}") == 1501 && keys("odordiff:answer:*:lease") == 0; }));
  one.client->command({"SET", "odordiff:else", "stays"}, {milliseconds(5000)});
  EXPECT_EQ(one.shared->erase_all(), 1501U);
  EXPECT_EQ(key_in(*one.client), "");
  EXPECT_EQ(one.client->command({"GET", "odordiff:else"}, {milliseconds(5000)}).as_text(), "stays");
  int computed = 0;
  EXPECT_TRUE(becomes_true([&] { return !other.memory->peek("key").entry; })) << "memory forgets it, too";
  (void)other.get("key", [&] { return "answer " + std::to_string(++computed); });
  EXPECT_EQ(computed, 1);
}

TEST(SharedCache, WhatWasComputedBeforeAPurgeIsNotBelievedAfterIt) {
  const RedisServer server;
  const Machine one(server.url()), other(server.url());
  std::atomic<bool> unwanted{false};
  const auto claimed = one.shared->get_or_claim("key", unwanted);
  ASSERT_NE(claimed.claim, nullptr);
  other.memory->purge_tag("model");
  one.shared->put(
      "key", {std::make_shared<const cache::Entry>(entry_of("old")), {.fresh_ms = 60'000, .stale_ms = 0}});
  EXPECT_EQ(other.get("key", [] { return std::string("new"); }), "new");
  EXPECT_EQ(other.shared->stats().outdated, 1U);
}

TEST(SharedCache, AMachineThatComesAfterAPurgeShares) {
  const RedisServer server;
  {
    const Machine one(server.url());
    one.memory->purge_all();
  }
  const Machine other(server.url()), third(server.url());
  // The first look at Redis tells of the purge, and what is under way then is not kept.
  for (const auto* machine : {&other, &third}) machine->get("first", [] { return std::string("first"); });
  other.get("key", [] { return std::string("answer"); });
  EXPECT_EQ(third.get("key", [] { return std::string("never"); }), "answer");
}

TEST(SharedCache, PoisonedEntriesAreDeletedAndComputedAnew) {
  const RedisServer server;
  const Machine one(server.url()), other(server.url());
  one.get("key", [] { return std::string("answer"); });
  std::string key;
  ASSERT_TRUE(becomes_true([&] { return !(key = key_in(*one.client)).empty(); }));
  one.client->command({"SET", key, "poison"}, {milliseconds(5000)});
  EXPECT_EQ(other.get("key", [] { return std::string("anew"); }), "anew");
  EXPECT_EQ(other.shared->stats().poisoned, 1U);
  const Machine third(server.url());
  EXPECT_EQ(third.get("key", [] { return std::string("never"); }), "anew");
  // A list where a text should be.
  one.client->command({"DEL", key}, {milliseconds(5000)});
  one.client->command({"RPUSH", key, "x"}, {milliseconds(5000)});
  const Machine fourth(server.url());
  EXPECT_EQ(fourth.get("key", [] { return std::string("again"); }), "again");
}

TEST(SharedCache, WhileRedisIsAwayAllGoesOnAtOnce) {
  RedisServer server;
  const Machine one(server.url(), {.call_timeout = milliseconds(101)}), other(server.url());
  ASSERT_TRUE(becomes_true([&] { return one.listens() && other.listens(); }));
  int computed = 0;
  const auto compute = [&] { return std::to_string(++computed); };
  EXPECT_EQ(one.get("a", compute), "1");
  EXPECT_EQ(other.get("a", compute), "1");
  server.kill();
  const auto begin = Time::now();
  EXPECT_EQ(one.get("b", compute), "2");
  // One timeout each to sync, to ask and to purge, on a busy machine.
  one.memory->purge_tag("model");
  EXPECT_LT(Time::now() - begin, milliseconds(1500));
  EXPECT_TRUE(becomes_true([&] { return one.client->status().breaker != redis::BreakerState::Closed; }));
  const auto away = Time::now();
  for (int i = 0; i < 20; ++i) one.get(std::to_string(i), compute);
  const auto took = std::chrono::duration_cast<milliseconds>(Time::now() - away);
  std::printf("20 misses with Redis away took %lld ms\n", static_cast<long long>(took.count()));
  EXPECT_LT(took, milliseconds(1000));
  EXPECT_EQ(other.get("a", compute), "1");  // from memory: nobody can tell it
  // What was purged meanwhile is made up for.
  server.start();
  EXPECT_TRUE(becomes_true([&] { return other.memory->peek("a").entry == nullptr; }));
  EXPECT_NE(other.get("a", compute), "1");
}

TEST(SharedCache, ARedisThatHangsCostsAFewTimeoutsAndThenNothing) {
  RedisServer server;
  const Machine one(server.url(), {.call_timeout = milliseconds(101)});
  ASSERT_TRUE(becomes_true([&] { return one.listens(); }));
  one.get("first", [] { return std::string("answer"); });
  server.freeze();
  const auto begin = Time::now();
  int calls = 0;
  while (one.client->status().breaker == redis::BreakerState::Closed && calls < 50) {
    EXPECT_EQ(one.get("key" + std::to_string(++calls), [] { return std::string("answer"); }), "answer");
  }
  EXPECT_LT(calls, 10);
  EXPECT_LT(Time::now() - begin, milliseconds(3000));
  server.thaw();
  EXPECT_TRUE(becomes_true([&] { return one.client->status().ready; }));
}

// The rules that docs/fleet.md names are enough.
TEST(SharedCache, AUserNeedsFewRights) {
  const RedisServer server(
      {.config = "user default off\nuser app on >pw +hello +ping +client|setname +get "
                 "+set +del +unlink +scan +pttl +pexpire "
                 "+hget +hset +hgetall +hlen +hexists +time +eval +evalsha +publish +subscribe "
                 "+unsubscribe ~odordiff:* &odordiff:*\n"});
  const std::string url = "redis://app:pw@127.0.0.1:" + std::to_string(server.port);
  SharedCacheOptions options;
  options.lease = milliseconds(150);
  const Machine one(url, options), other(url, options);
  ASSERT_TRUE(becomes_true([&] { return one.listens() && other.listens(); }));
  const auto slowly = [] {
    std::this_thread::sleep_for(milliseconds(300));  // so that its lease is renewed
    return std::string("answer");
  };
  EXPECT_EQ(one.get("key", slowly), "answer");
  EXPECT_EQ(other.get("key", [] { return std::string("never"); }), "answer");
  other.memory->purge_tag("model");
  EXPECT_TRUE(becomes_true([&] { return one.memory->peek("key").entry == nullptr; }));
  EXPECT_EQ(one.get("key", [] { return std::string("new"); }), "new");
  EXPECT_THROW(one.memory->get("failing", [](const auto&) -> Cache::Computed { throw InvalidInput("no"); }),
               InvalidInput);
  EXPECT_EQ(other.get("failing", [] { return std::string("works"); }), "works");
  EXPECT_EQ(one.shared->stats().errors + other.shared->stats().errors, 0U);
}

TEST(SharedCache, AThousandPurgedTagsAreKeptAndOneMorePurgesEverything) {
  const RedisServer server;
  const Machine one(server.url()), other(server.url());
  ASSERT_TRUE(becomes_true([&] { return one.listens() && other.listens(); }));
  one.get("key", [] { return std::string("old"); });
  const auto kept = [&] {
    return one.client->command({"HLEN", "odordiff:generations"}, {milliseconds(5000)}).integer;
  };
  for (int i = 0; i < 1000; ++i) other.memory->purge_tag("tag " + std::to_string(i));
  EXPECT_EQ(kept(), 1000);
  EXPECT_NE(one.memory->peek("key").entry, nullptr);
  other.memory->purge_tag("tag 7");  // again, which takes no more room
  EXPECT_EQ(kept(), 1000);
  other.memory->purge_tag("one more");
  EXPECT_EQ(kept(), 1);
  EXPECT_TRUE(becomes_true([&] { return one.memory->peek("key").entry == nullptr; }));
  EXPECT_EQ(one.get("key", [] { return std::string("new"); }), "new");
  EXPECT_EQ(other.get("key", [] { return std::string("never"); }), "new");
}

TEST(SharedCache, AMessageThatWasMissedIsMadeUpFor) {
  const RedisServer server;
  SharedCacheOptions options;
  options.sync = milliseconds(100);
  options.lease = milliseconds(300);
  const Machine one(server.url(), options);
  one.get("key", [] { return std::string("old"); });
  // As if another machine had purged, and its message were lost.
  one.client->command({"HSET", "odordiff:generations", "model", "1900000000000000"}, {milliseconds(5000)});
  EXPECT_TRUE(becomes_true([&] { return one.memory->peek("key").entry == nullptr; }));
  EXPECT_EQ(one.get("key", [] { return std::string("new"); }), "new");
  // Redis forgets what was purged, and is told again.
  one.client->command({"DEL", "odordiff:generations"}, {milliseconds(5000)});
  EXPECT_TRUE(becomes_true([&] {
    return one.client->command({"HEXISTS", "odordiff:generations", "model"}, {milliseconds(5000)}).integer ==
           1;
  }));
}

}  // namespace
}  // namespace odordiff::fleet
