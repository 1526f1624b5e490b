// Work runs side by side and comes out in order.
#include "ordered_work.h"

#include <gtest/gtest.h>

#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

namespace odordiff::apps {
namespace {

OrderedWork numbers(std::size_t count, int jobs, std::vector<std::string>& out) {
  OrderedWork job;
  job.count = count;
  job.jobs = jobs;
  job.window = 8;
  job.work = [](std::size_t i, const std::atomic<bool>&) {
    // Early items take longest, so that they finish out of order.
    std::this_thread::sleep_for(std::chrono::microseconds(i % 7 == 0 ? 2000 : 100));
    return WorkResult{std::to_string(i), false, false};
  };
  job.emit = [&out](std::size_t, const WorkResult& result) { out.push_back(result.line); };
  job.tick = [] {};
  return job;
}

const std::atomic<bool> kNever{false};

TEST(OrderedWork, ComesOutInOrder) {
  for (const int jobs : {1, 3, 16}) {
    std::vector<std::string> out;
    EXPECT_TRUE(run_in_order(numbers(100, jobs, out), kNever));
    ASSERT_EQ(out.size(), 100U);
    for (std::size_t i = 0; i < out.size(); ++i) EXPECT_EQ(out[i], std::to_string(i));
  }
}

TEST(OrderedWork, BeginsAtFirst) {
  std::vector<std::string> out;
  auto job = numbers(10, 4, out);
  job.first = 8;
  EXPECT_TRUE(run_in_order(job, kNever));
  EXPECT_EQ(out, std::vector<std::string>({"8", "9"}));
  job.first = 10;
  EXPECT_TRUE(run_in_order(job, kNever));
  EXPECT_EQ(out.size(), 2U);
}

TEST(OrderedWork, KeepsWithinTheWindow) {
  std::vector<std::string> out;
  std::mutex mutex;
  std::size_t emitted = 0;
  std::size_t farthest = 0;
  auto job = numbers(200, 8, out);
  const auto inner = job.work;
  job.work = [&](std::size_t i, const std::atomic<bool>& stop) {
    {
      const std::lock_guard lock(mutex);
      farthest = std::max(farthest, i - emitted);
    }
    return inner(i, stop);
  };
  job.emit = [&](std::size_t i, const WorkResult&) {
    const std::lock_guard lock(mutex);
    emitted = i;
  };
  EXPECT_TRUE(run_in_order(job, kNever));
  EXPECT_LE(farthest, job.window + 1);
}

TEST(OrderedWork, ACancelStopsTheWorkAndSaysSo) {
  std::vector<std::string> out;
  std::atomic<bool> cancel{false};
  auto job = numbers(1000, 2, out);
  job.work = [&](std::size_t i, const std::atomic<bool>& stop) -> WorkResult {
    if (i == 5) cancel = true;
    while (i >= 5) {
      if (stop) throw std::runtime_error("stopped");
      std::this_thread::yield();
    }
    return {std::to_string(i), false, false};
  };
  EXPECT_FALSE(run_in_order(job, cancel));
  EXPECT_EQ(out.size(), 5U);
}

TEST(OrderedWork, ThrowsOnWhatWorkThrows) {
  std::vector<std::string> out;
  auto job = numbers(1000, 4, out);
  job.work = [](std::size_t i, const std::atomic<bool>&) -> WorkResult {
    if (i == 20) throw std::runtime_error("broken");
    return {std::to_string(i), false, false};
  };
  EXPECT_THROW(run_in_order(job, kNever), std::runtime_error);
  EXPECT_LE(out.size(), 20U);
}

TEST(OrderedWork, ThrowsOnWhatEmitThrows) {
  std::vector<std::string> out;
  auto job = numbers(1000, 4, out);
  job.emit = [](std::size_t i, const WorkResult&) {
    if (i == 3) throw std::runtime_error("disk full");
  };
  EXPECT_THROW(run_in_order(job, kNever), std::runtime_error);
}

}  // namespace
}  // namespace odordiff::apps
