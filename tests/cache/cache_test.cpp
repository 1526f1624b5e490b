// What the cache keeps, for how long, and what it forgets.
#include "cache/cache.h"

#include <gtest/gtest.h>

#include <map>
#include <mutex>
#include <stdexcept>

#include "entries.h"

namespace odordiff::cache {
namespace {

class CacheTest : public ::testing::Test {
 protected:
  Options options() const {
    Options o;
    o.life = {.fresh_ms = 1000, .stale_ms = 500};
    o.negative_ms = 100;
    o.refresh_retry_ms = 50;
    o.now_ms = clock_.reader();
    return o;
  }
  HandClock clock_;
};

TEST_F(CacheTest, ServesTheVeryBytesThatWereKept) {
  Cache cache(options());
  const EntryPtr kept = cache.put("k", entry_of("answer"));
  const Lookup found = cache.look_up("k");
  EXPECT_EQ(found.state, State::Fresh);
  EXPECT_EQ(found.entry.get(), kept.get());
  EXPECT_FALSE(found.lead.has_value());
  EXPECT_FALSE(found.waiter.has_value());
  EXPECT_EQ(found.fresh_left_ms, 1000);
}

TEST_F(CacheTest, KeepsBytesInUseAliveAfterEviction) {
  Cache cache(options());
  cache.put("k", entry_of("answer"));
  const EntryPtr in_use = cache.look_up("k").entry;
  cache.purge_all();
  EXPECT_EQ(body_of(in_use), "answer");
  EXPECT_EQ(cache.stats().items, 0U);
  EXPECT_EQ(cache.stats().bytes, 0U);
}

TEST_F(CacheTest, EntriesAreFreshThenStaleThenGone) {
  Cache cache(options());
  cache.put("k", entry_of("answer"));
  clock_.advance(999);
  EXPECT_EQ(cache.peek("k").state, State::Fresh);
  clock_.advance(1);
  EXPECT_EQ(cache.peek("k").state, State::Stale);
  EXPECT_EQ(cache.peek("k").age_ms, 1000);
  clock_.advance(500);
  EXPECT_EQ(cache.peek("k").state, State::Miss);
  EXPECT_EQ(cache.stats().expired, 1U);
  EXPECT_EQ(cache.stats().items, 0U);
}

TEST_F(CacheTest, RefusalsAreRememberedShortlyAndNeverStale) {
  Cache cache(options());
  Entry refusal = entry_of("no such molecule");
  refusal.negative = true;
  refusal.status = 404;
  cache.put("k", refusal);
  EXPECT_EQ(cache.peek("k").entry->status, 404);
  EXPECT_EQ(cache.stats().negative_hits, 1U);
  clock_.advance(100);
  EXPECT_EQ(cache.peek("k").state, State::Miss);
}

TEST_F(CacheTest, SweepFreesWhatCanNoLongerBeServed) {
  Cache cache(options());
  cache.put("short", entry_of("a"), Lifetime{.fresh_ms = 10, .stale_ms = 0});
  cache.put("long", entry_of("b"));
  clock_.advance(10);
  EXPECT_EQ(cache.sweep(), 1U);
  EXPECT_EQ(cache.stats().items, 1U);
  EXPECT_EQ(body_of(cache.peek("long").entry), "b");
}

TEST_F(CacheTest, PurgesByTagByKeyAndAltogether) {
  Cache cache(options());
  cache.put("a", entry_of("1", {"model", "brief"}));
  cache.put("b", entry_of("2", {"model"}));
  cache.put("c", entry_of("3"));
  EXPECT_EQ(cache.purge_tag("brief"), 1U);
  EXPECT_EQ(cache.purge_tag("nothing"), 0U);
  EXPECT_EQ(cache.purge_tag("model"), 1U);
  EXPECT_EQ(cache.purge_key("c"), 1U);
  EXPECT_EQ(cache.purge_key("c"), 0U);
  EXPECT_EQ(cache.stats().purged, 3U);
  EXPECT_EQ(cache.stats().items, 0U);
}

TEST_F(CacheTest, AFormMadeLaterJoinsTheEntryAndKeepsItsAge) {
  Cache cache(options());
  const EntryPtr plain = cache.put("k", entry_of("answer"));
  const std::size_t before = cache.stats().bytes;
  clock_.advance(300);
  const EntryPtr both = cache.add_form("k", plain, {"json;gzip", "\"2\"", "", std::string(5000, 'z')});
  EXPECT_EQ(both->form("json"), plain->form("json"));
  EXPECT_EQ(both->form("json;gzip")->etag, "\"2\"");
  const Lookup found = cache.peek("k");
  EXPECT_EQ(found.entry, both);
  EXPECT_EQ(found.fresh_left_ms, 700);
  EXPECT_GE(cache.stats().bytes, before + 5000);
}

TEST_F(CacheTest, AFormOfAnOldEntryLeavesTheNewOneAlone) {
  Cache cache(options());
  const EntryPtr old = cache.put("k", entry_of("old"));
  cache.put("k", entry_of("new"));
  const EntryPtr with_form = cache.add_form("k", old, {"json;gzip", "", "", "zipped old"});
  EXPECT_NE(with_form->form("json;gzip"), nullptr);
  EXPECT_EQ(cache.peek("k").entry->form("json;gzip"), nullptr);
  EXPECT_EQ(body_of(cache.peek("k").entry), "new");
}

TEST_F(CacheTest, NeverHoldsMoreItemsThanAllowed) {
  for (const std::size_t most : {std::size_t{0}, std::size_t{1}, std::size_t{7}, std::size_t{1000}}) {
    Options o = options();
    o.max_items = most;
    Cache cache(o);
    for (unsigned i = 0; i < 3000; ++i) {
      cache.put(numbered("key", i), entry_of("x"));
      ASSERT_LE(cache.stats().items, most);
    }
    if (most > 0) {
      EXPECT_GE(cache.stats().items, most / 2);
    }
  }
}

TEST_F(CacheTest, NeverHoldsMoreBytesThanAllowed) {
  Options o = options();
  o.max_bytes = 1U << 20U;
  Cache cache(o);
  for (unsigned i = 0; i < 500; ++i) {
    cache.put(numbered("key", i), entry_of(std::string(static_cast<std::size_t>(i * 37 % 20'000), 'x')));
    ASSERT_LE(cache.stats().bytes, o.max_bytes);
  }
  EXPECT_GT(cache.stats().evicted, 0U);
  EXPECT_GE(cache.stats().bytes, o.max_bytes / 2);
}

TEST_F(CacheTest, WhatIsLargerThanAShardIsServedButNotKept) {
  Options o = options();
  o.max_bytes = 10'000;
  Cache cache(o);
  cache.put("k", entry_of("small"));
  const EntryPtr big = cache.get("other", [](const auto&) {
    return Cache::Computed{entry_of(std::string(20'000, 'x')), {}};
  });
  EXPECT_EQ(body_of(big).size(), 20'000U);
  EXPECT_EQ(cache.stats().oversize, 1U);
  EXPECT_EQ(body_of(cache.peek("k").entry), "small");
  cache.put("k", entry_of(std::string(20'000, 'x')));
  EXPECT_EQ(cache.peek("k").state, State::Miss);
}

TEST_F(CacheTest, AScanOfNewKeysLeavesWhatIsOftenAskedFor) {
  Options o = options();
  o.max_items = 100;
  Cache cache(o);
  for (int round = 0; round < 5; ++round) {
    for (unsigned i = 0; i < 50; ++i) {
      const std::string key = numbered("hot", i);
      if (cache.peek(key).entry == nullptr) cache.put(key, entry_of("x"));
    }
  }
  for (unsigned i = 0; i < 2000; ++i) {
    const std::string key = numbered("once", i);
    if (cache.peek(key).entry == nullptr) cache.put(key, entry_of("x"));
    if (i % 10 == 0) cache.peek(numbered("hot", i / 10 % 50));
  }
  int left = 0;
  for (unsigned i = 0; i < 50; ++i) left += cache.peek(numbered("hot", i)).entry != nullptr ? 1 : 0;
  EXPECT_GE(left, 45);
}

TEST_F(CacheTest, NamesTheHottestKeysForTheNextStart) {
  Cache cache(options());
  for (unsigned i = 0; i < 5; ++i) {
    Entry entry = entry_of("x");
    entry.origin = numbered("brief ", i);
    cache.put(numbered("k", i), entry);
    for (unsigned hit = 0; hit < i; ++hit) cache.peek(numbered("k", i));
  }
  const auto hot = cache.hottest(2);
  ASSERT_EQ(hot.size(), 2U);
  EXPECT_EQ(hot[0].key, "k4");
  EXPECT_EQ(hot[0].origin, "brief 4");
  EXPECT_EQ(hot[0].hits, 4U);
  EXPECT_EQ(hot[1].key, "k3");
}

// A shared tier as another machine would see it.
class MapTier : public Tier {
 public:
  std::optional<Stored> get(std::string_view key) override {
    const std::lock_guard lock(mutex_);
    const auto at = entries_.find(std::string(key));
    if (at == entries_.end()) return std::nullopt;
    return at->second;
  }
  void put(std::string_view key, const Stored& stored) override {
    const std::lock_guard lock(mutex_);
    entries_[std::string(key)] = stored;
  }
  void purge(std::string_view tag) override {
    const std::lock_guard lock(mutex_);
    std::erase_if(entries_, [&](const auto& at) {
      for (const auto& own : at.second.entry->tags) {
        if (own == tag) return true;
      }
      return false;
    });
  }

 private:
  std::mutex mutex_;
  std::map<std::string, Stored> entries_;
};

TEST_F(CacheTest, WhatOneMachineComputedAnotherFindsBelow) {
  Options o = options();
  o.tier = std::make_shared<MapTier>();
  Cache one(o);
  Cache other(o);
  int computed = 0;
  const auto compute = [&](const auto&) {
    ++computed;
    return Cache::Computed{entry_of("answer", {"model"}), Lifetime{.fresh_ms = 200, .stale_ms = 0}};
  };
  EXPECT_EQ(body_of(one.get("k", compute)), "answer");
  EXPECT_EQ(body_of(other.get("k", compute)), "answer");
  EXPECT_EQ(computed, 1);
  EXPECT_EQ(other.stats().from_below, 1U);
  EXPECT_EQ(other.stats().computed, 0U);
  EXPECT_EQ(other.peek("k").fresh_left_ms, 200);
  one.purge_tag("model");
  other.purge_tag("model");
  other.get("k", compute);
  EXPECT_EQ(computed, 2);
}

}  // namespace
}  // namespace odordiff::cache
