// Bursts of work shared out among helpers.
#include "base/helpers.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

namespace odordiff {
namespace {

TEST(Helpers, DoEachItemOnce) {
  for (const int threads : {0, 1, 2, 5}) {
    Helpers helpers(threads);
    for (const std::size_t count : {0U, 1U, 2U, 1000U}) {
      std::vector<std::atomic<int>> done(count);
      helpers.for_each(count, [&](std::size_t i) { ++done[i]; });
      for (const auto& times : done) EXPECT_EQ(times, 1);
    }
  }
}

TEST(Helpers, AreNoMoreThanAllowedOverAllCallers) {
  Helpers helpers(3);
  std::vector<std::thread> callers;
  std::atomic<int> at_work{0};
  std::atomic<int> most{0};
  for (int c = 0; c < 4; ++c) {
    callers.emplace_back([&] {
      for (int round = 0; round < 20; ++round) {
        helpers.for_each(16, [&](std::size_t) {
          const int now = ++at_work;
          for (int before = most; before < now && !most.compare_exchange_weak(before, now);) {
          }
          std::this_thread::yield();
          --at_work;
        });
      }
    });
  }
  for (auto& caller : callers) caller.join();
  EXPECT_LE(most, 4 + 2) << "four callers and two helpers";
}

TEST(Helpers, HandOnTheFirstErrorAndWorkOn) {
  Helpers helpers(2);
  EXPECT_THROW(helpers.for_each(100,
                                [](std::size_t i) {
                                  if (i == 7) throw std::runtime_error("seven");
                                }),
               std::runtime_error);
  std::atomic<int> done{0};
  helpers.for_each(100, [&](std::size_t) { ++done; });
  EXPECT_EQ(done, 100);
}

}  // namespace
}  // namespace odordiff
