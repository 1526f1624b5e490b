// Whose prompt comes next: urgent jobs first, owners in turn, and nobody for ever last.
#include "jobs/queue.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace odordiff::jobs {
namespace {

class QueueTest : public ::testing::Test {
 protected:
  std::int64_t add(const std::string& owner, int priority, int prompts) {
    OpenJob job;
    job.number = ++number_;
    job.id = "job-" + std::to_string(job.number);
    job.owner = owner;
    job.priority = priority;
    job.total = prompts;
    for (int i = 0; i < prompts; ++i) job.unfinished.push_back(i);
    queue_.add(job);
    owners_[job.number] = owner;
    return job.number;
  }
  // The owner of the next prompt; empty when there is none.
  std::string next() {
    const auto claim = queue_.claim(0);
    return claim ? owners_.at(claim->job->number) : "";
  }

  Queue queue_;
  std::int64_t number_ = 0;
  std::map<std::int64_t, std::string> owners_;
};

TEST_F(QueueTest, OneOwnersJobsComeByPriorityAndThenInTheirOrder) {
  const auto first = add("ada", 5, 2), second = add("ada", 5, 1), urgent = add("ada", 10, 1);
  std::vector<std::int64_t> order;
  while (const auto claim = queue_.claim(0)) order.push_back(claim->job->number);
  EXPECT_EQ(order, (std::vector<std::int64_t>{urgent, first, first, second}));
  EXPECT_FALSE(queue_.has_ready());
}

TEST_F(QueueTest, OwnersTakeTurnsHoweverMuchOneHasHandedIn) {
  for (int i = 0; i < 100; ++i) add("hog", 5, 1000);
  for (int i = 0; i < 500; ++i) (void)next();
  add("ada", 5, 3);
  add("bob", 5, 3);
  std::map<std::string, int> served;
  for (int i = 0; i < 9; ++i) ++served[next()];
  EXPECT_EQ(served, (std::map<std::string, int>{{"ada", 3}, {"bob", 3}, {"hog", 3}}));
}

TEST_F(QueueTest, OwnersHaveTurnsByTheirWeight) {
  queue_ = Queue([](const std::string& owner) { return owner == "ada" ? 3 : 1; });
  add("ada", 5, 1000);
  add("bob", 5, 1000);
  std::map<std::string, int> served;
  for (int i = 0; i < 400; ++i) ++served[next()];
  EXPECT_NEAR(served["ada"], 300, 4);
}

TEST_F(QueueTest, WhoComesLateHasNoTurnsToMakeUpFor) {
  add("ada", 5, 1000);
  for (int i = 0; i < 300; ++i) (void)next();
  add("bob", 5, 1000);
  std::map<std::string, int> served;
  for (int i = 0; i < 100; ++i) ++served[next()];
  EXPECT_NEAR(served["ada"], 50, 2);
}

TEST_F(QueueTest, UrgentJobsGoFirstButNobodyWaitsForEver) {
  for (int i = 0; i < 100; ++i) add("hog", 10, 1000);
  for (int i = 0; i < 50; ++i) (void)next();
  add("ada", 0, 1);
  int waited = 0;
  while (next() != "ada") ASSERT_LT(++waited, 5) << "one prompt in four is that of who has had the least";
  add("ada", 5, 1000);
  std::map<std::string, int> served;
  for (int i = 0; i < 400; ++i) ++served[next()];
  EXPECT_NEAR(served["hog"], 300, 10) << "urgent ones still have most of the work";
}

TEST_F(QueueTest, WhatEndsOrIsGivenBackKeepsTheAccounts) {
  std::mt19937 random(3);
  std::vector<Claim> claims;
  for (int round = 0; round < 3000; ++round) {
    switch (random() % 5) {
      case 0:
        add(std::string(1, static_cast<char>('a' + random() % 4)), static_cast<int>(random() % 3),
            1 + static_cast<int>(random() % 4));
        break;
      case 1:
      case 2:
        if (auto claim = queue_.claim(0)) claims.push_back(*claim);
        break;
      case 3:
        if (!claims.empty()) {
          queue_.give_back(claims.back());
          claims.pop_back();
        }
        break;
      default:
        if (number_ > 0)
          (void)queue_.end(1 + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(number_)));
    }
    ASSERT_EQ(queue_.has_ready(), queue_.waiting() > 0) << round;
  }
  while (queue_.claim(0)) {
  }
  EXPECT_EQ(queue_.waiting(), 0U);
  for (std::int64_t job = 1; job <= number_; ++job) (void)queue_.end(job);
  EXPECT_TRUE(queue_.empty());
  EXPECT_FALSE(queue_.has_ready());
}

}  // namespace
}  // namespace odordiff::jobs
