// What happens when many ask for the same at once.
#include <gtest/gtest.h>

#include <latch>
#include <stdexcept>
#include <thread>

#include "base/error.h"
#include "base/rng.h"
#include "cache/cache.h"
#include "entries.h"

namespace odordiff::cache {
namespace {

Options with(const HandClock& clock) {
  Options o;
  o.life = {.fresh_ms = 1000, .stale_ms = 500};
  o.refresh_retry_ms = 50;
  o.now_ms = clock.reader();
  return o;
}

TEST(SingleFlight, AHundredEqualRequestsComputeOnce) {
  Cache cache{Options{}};
  constexpr int kCallers = 100;
  std::atomic<int> computed{0};
  std::atomic<int> served{0};
  std::latch all_here{kCallers};
  std::vector<std::jthread> callers;
  for (int i = 0; i < kCallers; ++i) {
    callers.emplace_back([&] {
      all_here.arrive_and_wait();
      const EntryPtr entry = cache.get("k", [&](const auto&) {
        ++computed;
        // Until everybody else has joined or will find it kept.
        while (cache.stats().coalesced < kCallers / 2) std::this_thread::yield();
        return Cache::Computed{entry_of("answer"), {}};
      });
      if (body_of(entry) == "answer") ++served;
    });
  }
  callers.clear();
  EXPECT_EQ(computed, 1);
  EXPECT_EQ(served, kCallers);
  const Stats stats = cache.stats();
  EXPECT_EQ(stats.misses + stats.hits, 100U);
  EXPECT_EQ(stats.coalesced, stats.misses - 1);
}

TEST(SingleFlight, AFailureReachesEveryWaiterAndIsNotKept) {
  Cache cache{Options{}};
  Lookup first = cache.look_up("k");
  std::atomic<int> told{0};
  std::vector<std::jthread> waiters;
  for (int i = 0; i < 8; ++i) {
    waiters.emplace_back([&] {
      Lookup found = cache.look_up("k");
      EXPECT_FALSE(found.lead.has_value());
      try {
        found.waiter->wait();
      } catch (const Unavailable& error) {
        EXPECT_STREQ(error.what(), "no model");
        ++told;
      }
    });
  }
  while (cache.stats().coalesced < 8) std::this_thread::yield();
  first.lead->fail(std::make_exception_ptr(Unavailable("no model")));
  waiters.clear();
  EXPECT_EQ(told, 8);
  EXPECT_THROW(first.waiter->wait(), Unavailable);
  EXPECT_TRUE(cache.look_up("k").lead.has_value());
  EXPECT_EQ(cache.stats().items, 0U);
}

TEST(SingleFlight, ADroppedLeadFailsItsWaiters) {
  Cache cache{Options{}};
  Lookup found = cache.look_up("k");
  found.lead.reset();
  EXPECT_THROW(found.waiter->wait(), Cancelled);
}

TEST(SingleFlight, AWaiterGivesUpAtItsDeadlineAndTheOthersGetTheirAnswer) {
  Cache cache{Options{}};
  Lookup first = cache.look_up("k");
  {
    Lookup hasty = cache.look_up("k");
    EXPECT_THROW(hasty.waiter->wait({}, std::chrono::steady_clock::now()), Overloaded);
  }
  EXPECT_FALSE(first.lead->unwanted());
  first.lead->publish(entry_of("answer"));
  EXPECT_EQ(body_of(first.waiter->wait()), "answer");
}

TEST(SingleFlight, AWaiterGivesUpWhenCancelled) {
  Cache cache{Options{}};
  Lookup first = cache.look_up("k");
  std::stop_source stop;
  std::jthread waiter([&] {
    EXPECT_THROW(cache.get("k", [](const auto&) -> Cache::Computed { throw Internal("computed twice"); },
                           {.cancel = stop.get_token()}),
                 Cancelled);
  });
  while (cache.stats().coalesced < 1) std::this_thread::yield();
  stop.request_stop();
  waiter.join();
  EXPECT_FALSE(first.lead->unwanted());
}

TEST(SingleFlight, WorkIsUnwantedOnceNobodyWaitsAndLaterCallersStartAnew) {
  Cache cache{Options{}};
  Lookup first = cache.look_up("k");
  Lookup second = cache.look_up("k");
  first.waiter.reset();
  EXPECT_FALSE(first.lead->unwanted());
  second.waiter.reset();
  EXPECT_TRUE(first.lead->unwanted());
  Lookup third = cache.look_up("k");
  ASSERT_TRUE(third.lead.has_value());
  EXPECT_FALSE(third.lead->unwanted());
  // The abandoned work may still end well, but another one is in charge now.
  first.lead->publish(entry_of("late"));
  EXPECT_EQ(cache.peek("k").state, State::Miss);
  third.lead->publish(entry_of("anew"));
  EXPECT_EQ(body_of(third.waiter->wait()), "anew");
}

TEST(SingleFlight, CallbacksComeOnceAndNotAfterGivingUp) {
  Cache cache{Options{}};
  Lookup first = cache.look_up("k");
  Lookup gone = cache.look_up("k");
  int called = 0;
  int called_gone = 0;
  first.waiter->then([&](const Outcome& outcome) {
    ++called;
    EXPECT_EQ(body_of(outcome.entry), "answer");
    first.waiter.reset();
  });
  gone.waiter->then([&](const Outcome&) { ++called_gone; });
  gone.waiter.reset();
  Lead elsewhere = std::move(*first.lead);
  elsewhere.publish(entry_of("answer"));
  elsewhere.publish(entry_of("a second time"));
  elsewhere.fail(std::make_exception_ptr(Internal("after all")));
  EXPECT_EQ(called, 1);
  EXPECT_EQ(called_gone, 0);
  EXPECT_EQ(body_of(cache.peek("k").entry), "answer");
}

TEST(SingleFlight, LeadsAndWaitersOutliveTheCache) {
  auto cache = std::make_unique<Cache>();
  Lookup found = cache->look_up("k");
  cache.reset();
  found.lead->publish(entry_of("answer"));
  EXPECT_EQ(body_of(found.waiter->wait()), "answer");
}

TEST(StaleWhileRevalidate, OneCallerRefreshesWhileAllAreServed) {
  const HandClock clock;
  Cache cache(with(clock));
  cache.put("k", entry_of("old"));
  clock.advance(1100);
  Lookup first = cache.look_up("k");
  EXPECT_EQ(first.state, State::Stale);
  EXPECT_EQ(body_of(first.entry), "old");
  ASSERT_TRUE(first.lead.has_value());
  EXPECT_FALSE(first.waiter.has_value());
  const Lookup second = cache.look_up("k");
  EXPECT_EQ(body_of(second.entry), "old");
  EXPECT_FALSE(second.lead.has_value());
  EXPECT_FALSE(first.lead->unwanted());
  first.lead->publish(entry_of("new"));
  EXPECT_EQ(cache.peek("k").state, State::Fresh);
  EXPECT_EQ(body_of(cache.peek("k").entry), "new");
}

TEST(StaleWhileRevalidate, AFailedRefreshKeepsTheOldAnswerAndWaitsBeforeTheNext) {
  const HandClock clock;
  Cache cache(with(clock));
  cache.put("k", entry_of("old"));
  clock.advance(1100);
  cache.look_up("k").lead->fail(std::make_exception_ptr(Unavailable("down")));
  clock.advance(49);
  EXPECT_FALSE(cache.look_up("k").lead.has_value());
  EXPECT_EQ(body_of(cache.look_up("k").entry), "old");
  clock.advance(1);
  EXPECT_TRUE(cache.look_up("k").lead.has_value());
}

TEST(StaleWhileRevalidate, RefreshesInTheBackgroundWhereThereIsOne) {
  const HandClock clock;
  Options o = with(clock);
  std::vector<std::function<void()>> posted;
  o.background = [&](std::function<void()> work) { posted.push_back(std::move(work)); };
  Cache cache(o);
  cache.put("k", entry_of("old"));
  clock.advance(1100);
  const auto compute = [](const auto&) { return Cache::Computed{entry_of("new"), {}}; };
  EXPECT_EQ(body_of(cache.get("k", compute)), "old");
  EXPECT_EQ(body_of(cache.get("k", compute)), "old");
  ASSERT_EQ(posted.size(), 1U);
  posted[0]();
  EXPECT_EQ(body_of(cache.get("k", compute)), "new");
}

TEST(StaleWhileRevalidate, WithoutABackgroundTheFirstCallerMakesItAnew) {
  const HandClock clock;
  Cache cache(with(clock));
  cache.put("k", entry_of("old"));
  clock.advance(1100);
  EXPECT_EQ(body_of(cache.get("k", [](const auto&) -> Cache::Computed { throw Unavailable("down"); })),
            "old");
  clock.advance(50);
  EXPECT_EQ(body_of(cache.get("k", [](const auto&) { return Cache::Computed{entry_of("new"), {}}; })), "new");
}

TEST(Purge, WhatWasUnderWayReachesItsWaitersButIsNotKept) {
  Cache cache{Options{}};
  Lookup first = cache.look_up("k");
  cache.purge_tag("model");
  Lookup later = cache.look_up("k");
  ASSERT_TRUE(later.lead.has_value());  // who asks after the purge must not get what began before
  first.lead->publish(entry_of("before", {"model"}));
  EXPECT_EQ(body_of(first.waiter->wait()), "before");
  EXPECT_EQ(cache.peek("k").state, State::Miss);
  later.lead->publish(entry_of("after", {"model"}));
  EXPECT_EQ(body_of(cache.peek("k").entry), "after");
}

TEST(Purge, ReachesWorkThatEverybodyHasLeft) {
  Cache cache{Options{}};
  Lookup left = cache.look_up("k");
  left.waiter.reset();
  cache.purge_tag("model");
  left.lead->publish(entry_of("before", {"model"}));
  EXPECT_EQ(cache.peek("k").state, State::Miss);
}

TEST(Purge, ReachesWorkThatAnEarlierPurgeLetGo) {
  Cache cache{Options{}};
  Lookup first = cache.look_up("k");
  cache.purge_tag("something else");
  cache.purge_tag("model");
  first.lead->publish(entry_of("before", {"model"}));
  EXPECT_EQ(cache.peek("k").state, State::Miss);
}

TEST(SingleFlight, WorkThatEverybodyHasLeftIsKeptIfItEndsWell) {
  Cache cache{Options{}};
  Lookup left = cache.look_up("k");
  left.waiter.reset();
  EXPECT_TRUE(left.lead->unwanted());
  left.lead->publish(entry_of("answer"));
  EXPECT_EQ(body_of(cache.peek("k").entry), "answer");
}

TEST(Threads, AnswersBelongToTheirKeysUnderEveryMixOfCalls) {
  Options o;
  o.max_items = 128;
  o.life = {.fresh_ms = 1, .stale_ms = 1};
  Cache cache(o);
  std::vector<std::jthread> callers;
  for (unsigned t = 0; t < 4; ++t) {
    callers.emplace_back([&, t] {
      Rng rng(7, t);
      for (int i = 0; i < 4000; ++i) {
        const std::string key = numbered("k", rng.below(300));
        switch (rng.below(20)) {
          case 0:
            cache.purge_key(key);
            break;
          case 1:
            cache.purge_tag(key.substr(0, 2));
            break;
          case 2:
            cache.sweep();
            break;
          case 3:
            cache.hottest(3);
            break;
          case 4: {
            Lookup dropped = cache.look_up(key);  // who comes and goes
            break;
          }
          default:
            try {
              EntryPtr entry = cache.get(key, [&](const auto&) {
                if (rng.below(10) == 0) throw Unavailable("now and then");
                return Cache::Computed{entry_of(key, {key.substr(0, 2)}), {}};
              });
              ASSERT_EQ(body_of(entry), key);
              if (rng.below(8) == 0) cache.add_form(key, entry, {"gzip", "", "", key});
            } catch (const Unavailable&) {
            } catch (const Cancelled&) {
            }
        }
      }
    });
  }
  callers.clear();
  EXPECT_LE(cache.stats().items, 128U);
  cache.purge_all();
  EXPECT_EQ(cache.stats().bytes, 0U);
}

}  // namespace
}  // namespace odordiff::cache
