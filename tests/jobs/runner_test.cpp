// How jobs are worked through.
#include "jobs/runner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <latch>
#include <set>

#include "scratch.h"

namespace odordiff::jobs {
namespace {

using std::chrono::milliseconds;

std::chrono::steady_clock::time_point soon() {
  return std::chrono::steady_clock::now() + std::chrono::seconds(60);
}

// Holds work back until it is let through, so that tests need not wait for a clock.
class Gate {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  // Throws Cancelled when told to stop.
  void pass(const std::atomic<bool>& cancel) {
    ++here;
    std::unique_lock lock(mutex_);
    while (!open_) {
      if (cancel) throw Cancelled("told to stop");
      changed_.wait_for(lock, milliseconds(1));
    }
  }
  void wait_for(int count) const {
    while (here < count) std::this_thread::yield();
  }
  std::atomic<int> here{0};

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
};

// Work that waits at the gate and answers with its prompt.
auto held_at(Gate& gate) {
  return [&gate](const std::string& prompt, const std::atomic<bool>& cancel) {
    gate.pass(cancel);
    return prompt;
  };
}

class RunnerTest : public ::testing::Test {
 protected:
  Store::Options options() const {
    Store::Options o;
    o.path = scratch_ / "jobs.db";
    return o;
  }
  static std::string echo(const std::string& prompt, const std::atomic<bool>&) {
    return "answer to " + prompt;
  }

  Scratch scratch_;
};

TEST_F(RunnerTest, EveryPromptGetsItsAnswer) {
  Store store(options());
  Runner runner(store, echo);
  runner.start();
  std::vector<std::string> ids;
  for (int i = 0; i < 20; ++i) ids.push_back(runner.submit(job_of(1 + i % 5)).id);
  ASSERT_TRUE(runner.wait_until_idle(soon()));
  for (const auto& id : ids) {
    const auto page = store.results(id, "", 100);
    EXPECT_TRUE(page->complete);
    EXPECT_EQ(store.status(id)->state, State::Finished);
    EXPECT_EQ(static_cast<int>(page->results.size()), store.status(id)->total);
    for (const auto& result : page->results)
      EXPECT_EQ(result.body, numbered("answer to prompt ", result.index));
  }
}

TEST_F(RunnerTest, TakesUpWhatAnEarlierRunLeft) {
  std::string id;
  {
    Store store(options());
    const Accepted job = store.submit(job_of(5));
    id = job.id;
    store.finish(std::vector<Finished>{
        {.job = job.number, .index = 3, .failed = false, .body = "from before", .error_kind = {}}});
  }
  Store store(options());
  std::atomic<int> executions{0};
  Runner runner(store, [&](const std::string& prompt, const std::atomic<bool>& cancel) {
    ++executions;
    return echo(prompt, cancel);
  });
  runner.start();
  ASSERT_TRUE(runner.wait_until_idle(soon()));
  EXPECT_EQ(executions, 4);
  EXPECT_EQ(store.results(id, "", 9)->results[0].body, "from before");
}

TEST_F(RunnerTest, UrgentJobsComeFirstThenTheOldest) {
  Store store(options());
  std::vector<std::string> order;
  Runner runner(store,
                [&](const std::string& prompt, const std::atomic<bool>&) {
                  order.push_back(prompt);
                  return prompt;
                },
                {.threads = 1});
  const auto submit = [&](int priority, const char* name) {
    Submission job;
    job.priority = priority;
    job.prompts = {std::string(name) + "1", std::string(name) + "2"};
    runner.submit(job);
  };
  submit(0, "low");
  submit(5, "first");
  submit(5, "second");
  submit(10, "high");
  runner.start();
  ASSERT_TRUE(runner.wait_until_idle(soon()));
  runner.stop(milliseconds(0));
  EXPECT_EQ(order, (std::vector<std::string>{"high1", "high2", "first1", "first2", "second1", "second2",
                                             "low1", "low2"}));
}

TEST_F(RunnerTest, NeverWorksOnMoreThanItsThreadsAllow) {
  Store store(options());
  std::atomic<int> now{0};
  std::atomic<int> most{0};
  Runner runner(store,
                [&](const std::string& prompt, const std::atomic<bool>&) {
                  const int here = ++now;
                  for (int before = most; before < here && !most.compare_exchange_weak(before, here);) {
                  }
                  std::this_thread::yield();
                  --now;
                  return prompt;
                },
                {.threads = 3});
  runner.start();
  for (int i = 0; i < 10; ++i) runner.submit(job_of(10));
  ASSERT_TRUE(runner.wait_until_idle(soon()));
  EXPECT_LE(most, 3);
}

TEST_F(RunnerTest, RecordsWhatWentWrongWithAPromptByItsKind) {
  Store store(options());
  Runner runner(store, [](const std::string& prompt, const std::atomic<bool>&) -> std::string {
    switch (prompt.back()) {
      case '0':
        throw InvalidInput("bad");
      case '1':
        throw Overloaded("much");
      case '2':
        throw Unavailable("gone");
      case '3':
        throw Cancelled("by itself");
      case '4':
        throw std::runtime_error("odd");
      case '5':
        throw 5;
      default:
        return "good";
    }
  });
  runner.start();
  const std::string id = runner.submit(job_of(7)).id;
  ASSERT_TRUE(runner.wait_until_idle(soon()));
  auto results = store.results(id, "", 9)->results;
  std::ranges::sort(results, {}, &Result::index);
  ASSERT_EQ(results.size(), 7U);
  const std::vector<std::string> kinds{
      "invalid_input", "overloaded", "unavailable", "cancelled", "internal", "internal", ""};
  for (std::size_t i = 0; i < 7; ++i) EXPECT_EQ(results[i].error_kind, kinds[i]);
  EXPECT_EQ(results[0].body, "bad");
  EXPECT_EQ(results[6].body, "good");
  EXPECT_EQ(store.status(id)->failed, 6);
  EXPECT_EQ(store.status(id)->state, State::Finished);
}

TEST_F(RunnerTest, CancellingStopsWorkUnderWay) {
  Store store(options());
  Gate gate;
  Runner runner(store, held_at(gate));
  runner.start();
  const std::string id = runner.submit(job_of(5)).id;
  gate.wait_for(2);
  EXPECT_EQ(runner.cancel(id)->state, State::Cancelled);
  ASSERT_TRUE(runner.wait_until_idle(soon()));
  runner.stop(milliseconds(0));
  EXPECT_EQ(gate.here, 2);
  EXPECT_TRUE(store.results(id, "", 9)->results.empty());
  EXPECT_EQ(runner.progress(id)->state, State::Cancelled);
  EXPECT_FALSE(runner.cancel("no such job").has_value());
}

TEST_F(RunnerTest, StoppingLetsWorkEndWithinItsGrace) {
  Store store(options());
  Gate gate;
  Runner runner(store, held_at(gate));
  runner.start();
  const std::string id = runner.submit(job_of(5)).id;
  gate.wait_for(2);
  std::jthread stopper([&] { runner.stop(std::chrono::minutes(1)); });
  gate.open();
  stopper.join();
  const auto status = store.status(id);
  EXPECT_GE(status->done, 2);
  EXPECT_EQ(status->failed, 0);
}

TEST_F(RunnerTest, WhatIsNotDoneInTheGraceGoesBackToTheQueue) {
  Store store(options());
  std::string id;
  {
    Gate gate;
    Runner runner(store, held_at(gate));
    runner.start();
    id = runner.submit(job_of(5)).id;
    gate.wait_for(2);
    runner.stop(milliseconds(0));
    EXPECT_TRUE(runner.submit(job_of(1)).created);  // for the next start
  }
  EXPECT_EQ(store.status(id)->state, State::Running);
  EXPECT_EQ(store.status(id)->done, 0);
  Runner next(store, echo);
  next.start();
  ASSERT_TRUE(next.wait_until_idle(soon()));
  EXPECT_EQ(store.status(id)->done, 5);
  EXPECT_EQ(store.status(id)->failed, 0);
}

TEST_F(RunnerTest, TellsSubscribersHowFarItIs) {
  Store store(options());
  Gate gate;
  Runner runner(store, held_at(gate));
  runner.start();
  const std::string id = runner.submit(job_of(20)).id;
  std::mutex mutex;
  std::vector<Progress> told;
  int told_of_all = 0;
  const Subscription one = runner.subscribe(id, [&](const Progress& progress) {
    const std::lock_guard lock(mutex);
    told.push_back(progress);
  });
  const Subscription all = runner.subscribe("", [&](const Progress&) {
    const std::lock_guard lock(mutex);
    ++told_of_all;
  });
  Subscription ended =
      runner.subscribe(id, [&](const Progress&) { ADD_FAILURE() << "was told after its end"; });
  ended = Subscription();
  const Subscription other =
      runner.subscribe("other", [&](const Progress&) { ADD_FAILURE() << "not its job"; });
  gate.wait_for(2);
  EXPECT_EQ(runner.progress(id)->state, State::Running);
  EXPECT_EQ(runner.progress(id)->in_work, 2);
  gate.open();
  ASSERT_TRUE(runner.wait_until_idle(soon()));
  runner.stop(milliseconds(0));
  const std::lock_guard lock(mutex);
  ASSERT_FALSE(told.empty());
  int done = 0;
  for (const auto& progress : told) {
    EXPECT_GT(progress.done, done);
    EXPECT_EQ(progress.total, 20);
    done = progress.done;
  }
  EXPECT_EQ(told.back().state, State::Finished);
  EXPECT_EQ(told.back().done, 20);
  EXPECT_EQ(told_of_all, static_cast<int>(told.size()));
  EXPECT_FALSE(runner.progress("no such job").has_value());
}

TEST_F(RunnerTest, GivesRateAndTimeLeft) {
  const HandClock clock;
  Store::Options o = options();
  o.now_ms = clock.reader();
  Store store(o);
  std::atomic<int> told{0};
  std::optional<Progress> fourth;
  Runner runner(store,
                [&](const std::string& prompt, const std::atomic<bool>&) {
                  // One after another: the last one's result is on disk before the clock moves.
                  while (told < prompt.back() - '0') std::this_thread::yield();
                  clock.advance(500);
                  return prompt;
                },
                {.threads = 1});
  const auto subscription = runner.subscribe("", [&](const Progress& progress) {
    if (progress.done == 4) fourth = progress;
    told = progress.done;
  });
  runner.start();
  runner.submit(job_of(5));
  ASSERT_TRUE(runner.wait_until_idle(soon()));
  runner.stop(milliseconds(0));
  ASSERT_TRUE(fourth.has_value());
  EXPECT_NEAR(fourth->per_second, 2, 0.01);
  ASSERT_TRUE(fourth->seconds_left.has_value());
  EXPECT_NEAR(*fourth->seconds_left, 0.5, 0.01);
}

TEST_F(RunnerTest, EndsJobsThatExpireWhileTheyWaitOrRun) {
  const HandClock clock;
  Store::Options o = options();
  o.now_ms = clock.reader();
  Store store(o);
  Gate gate;
  Runner runner(store,
                [&](const std::string& prompt, const std::atomic<bool>& cancel) {
                  gate.pass(cancel);
                  return prompt;
                },
                {.threads = 1, .housekeeping = milliseconds(0)});
  runner.start();
  Submission hasty = job_of(3);
  hasty.expires_after_ms = 1000;
  const std::string running = runner.submit(hasty).id;
  const std::string waiting = runner.submit(hasty).id;
  gate.wait_for(1);
  clock.advance(1000);
  runner.tick();
  ASSERT_TRUE(runner.wait_until_idle(soon()));
  EXPECT_EQ(store.status(running)->state, State::Expired);
  EXPECT_EQ(store.status(waiting)->state, State::Expired);
  EXPECT_EQ(gate.here, 1);
}

TEST_F(RunnerTest, ForgetsAnOwnerWhoseJobsAreAtWork) {
  Store store(options());
  Gate gate;
  Runner runner(store, held_at(gate));
  runner.start();
  const std::string id = runner.submit(job_of(5)).id;
  gate.wait_for(2);
  EXPECT_EQ(runner.erase_owner("me"), 1U);
  ASSERT_TRUE(runner.wait_until_idle(soon()));
  EXPECT_FALSE(store.status(id).has_value());
  EXPECT_FALSE(runner.progress(id).has_value());
}

TEST_F(RunnerTest, ManyCallersAtOnceLoseNothing) {
  Store store(options());
  Runner runner(store, echo, {.threads = 3, .max_unwritten = 8});
  runner.start();
  std::vector<std::jthread> callers;
  for (int t = 0; t < 4; ++t) {
    callers.emplace_back([&, t] {
      for (int i = 0; i < 10; ++i) {
        const std::string id = runner.submit(job_of(4, numbered("owner ", t))).id;
        const auto subscription = runner.subscribe(id, [](const Progress&) {});
        runner.progress(id);
        runner.load();
        if (i % 3 == 0) runner.cancel(id);
        store.results(id, "", 2);
        store.list(numbered("owner ", t), "", 3);
      }
    });
  }
  callers.clear();
  ASSERT_TRUE(runner.wait_until_idle(soon()));
  for (int t = 0; t < 4; ++t) {
    const auto page = store.list(numbered("owner ", t), "", 100);
    EXPECT_EQ(page.jobs.size(), 10U);
    for (const auto& job : page.jobs) {
      EXPECT_TRUE(has_ended(job.state));
      EXPECT_EQ(static_cast<int>(store.results(job.id, "", 100)->results.size()), job.done);
      if (job.state == State::Finished) {
        EXPECT_EQ(job.done, 4);
      }
    }
  }
}

}  // namespace
}  // namespace odordiff::jobs
