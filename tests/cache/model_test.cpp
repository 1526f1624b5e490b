// Random calls on the cache and on a plain model of it: whatever the cache serves, the model knows it and
// agrees.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/rng.h"
#include "cache/cache.h"
#include "entries.h"

namespace odordiff::cache {
namespace {

// Keeps everything; the cache may keep less, never other.
struct Model {
  struct Item {
    EntryPtr entry;
    std::int64_t fresh_until = 0;
    std::int64_t stale_until = 0;
  };
  std::map<std::string, Item> items;
};

class AgreesWithTheModel : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(AgreesWithTheModel, InStateBytesAndAge) {
  Rng rng(GetParam(), 0);
  const HandClock clock;
  Options o;
  o.max_items = 20 + rng.below(200);
  o.max_bytes = 20'000 + rng.below(200'000);
  o.shards = 1 + rng.below(4);
  o.now_ms = clock.reader();
  Cache cache(o);
  Model model;
  std::uint64_t looked_up = 0;
  for (int step = 0; step < 5000; ++step) {
    const std::string key = numbered("key", rng.below(250));
    switch (rng.below(12)) {
      case 0:
      case 1:
      case 2: {
        const Lifetime life{.fresh_ms = rng.below(400), .stale_ms = rng.below(200)};
        std::vector<std::string> tags{numbered("tag", rng.below(5))};
        const EntryPtr entry = cache.put(key, entry_of(std::string(rng.below(3000), 'x'), tags), life);
        const std::int64_t fresh_until = *clock.now + life.fresh_ms;
        model.items[key] = {entry, fresh_until, fresh_until + life.stale_ms};
        break;
      }
      case 3: {
        const auto item = model.items.find(key);
        const Lookup found = cache.peek(key);
        ++looked_up;
        if (found.entry == nullptr) break;
        ASSERT_NE(item, model.items.end());
        item->second.entry =
            cache.add_form(key, found.entry, {"json;gzip", "", "", std::string(rng.below(500), 'z')});
        break;
      }
      case 4:
        cache.purge_key(key);
        model.items.erase(key);
        break;
      case 5:
        if (rng.below(10) == 0) {
          const std::string tag = numbered("tag", rng.below(5));
          cache.purge_tag(tag);
          std::erase_if(model.items, [&](const auto& item) { return item.second.entry->tags[0] == tag; });
        }
        break;
      case 6:
        clock.advance(rng.below(20));
        break;
      default: {
        const Lookup found = cache.peek(key);
        ++looked_up;
        const auto item = model.items.find(key);
        if (found.entry == nullptr) break;
        ASSERT_NE(item, model.items.end());
        ASSERT_EQ(found.entry, item->second.entry);
        ASSERT_LT(*clock.now, item->second.stale_until);
        ASSERT_EQ(found.state == State::Fresh, *clock.now < item->second.fresh_until);
      }
    }
    const Stats stats = cache.stats();
    ASSERT_LE(stats.items, o.max_items);
    ASSERT_LE(stats.bytes, o.max_bytes);
    ASSERT_EQ(stats.hits + stats.stale_hits + stats.misses, looked_up);
  }
}

TEST_P(AgreesWithTheModel, AndKeepsAllWhileThereIsRoom) {
  Rng rng(GetParam(), 1);
  Cache cache{Options{}};
  std::map<std::string, EntryPtr> kept;
  std::size_t bytes_before = 0;
  for (int step = 0; step < 200; ++step) {
    const std::string key = numbered("key", rng.below(100));
    kept[key] = cache.put(key, entry_of(std::string(rng.below(100'000), 'x')));
    if (rng.below(5) == 0) {
      const std::size_t gone = cache.purge_key(key);
      EXPECT_EQ(gone, 1U);
      kept.erase(key);
    }
    for (const auto& [name, entry] : kept) ASSERT_EQ(cache.peek(name).entry, entry);
    std::size_t payload = 0;
    for (const auto& [name, entry] : kept) payload += entry->bytes();
    const Stats stats = cache.stats();
    ASSERT_EQ(stats.items, kept.size());
    // Beyond the entries themselves each item costs the same: a node and its place in the index.
    if (!kept.empty()) {
      ASSERT_EQ((stats.bytes - payload) % kept.size(), 0U);
      const std::size_t each = (stats.bytes - payload) / kept.size();
      if (bytes_before != 0) {
        ASSERT_EQ(each, bytes_before);
      }
      bytes_before = each;
    }
  }
  EXPECT_EQ(cache.stats().evicted, 0U);
}

INSTANTIATE_TEST_SUITE_P(Seeds, AgreesWithTheModel, ::testing::Range<std::uint64_t>(1, 13));

}  // namespace
}  // namespace odordiff::cache
