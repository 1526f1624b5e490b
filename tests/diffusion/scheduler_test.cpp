// Continuous batching: what a request gets depends on the request alone; joining, leaving and shutting down
// work at any moment.
#include "diffusion/scheduler.h"

#include <gtest/gtest.h>

#include <bit>
#include <functional>
#include <future>
#include <set>
#include <thread>

#include "base/error.h"
#include "base/urgency.h"
#include "random_model.h"

namespace odordiff::diffusion {
namespace {

const std::filesystem::path& model_folder() {
  static const TemporaryFolder folder;
  static const bool written = [] {
    write_random_model(folder.path(), {.sharpness = 2});
    return true;
  }();
  (void)written;
  return folder.path();
}

std::shared_ptr<const Model> model(nn::Precision precision = nn::Precision::F32) {
  return std::make_shared<const Model>(model_folder(), precision);
}

SampleRequest request(std::uint64_t seed, int count = 3) {
  SampleRequest r;
  r.condition.resize(12);
  for (std::size_t i = 0; i < 12; ++i) r.condition[i] = static_cast<float>((seed * 7 + i * 3) % 11) / 11.0F;
  r.unconditional.assign(12, 0.0F);
  r.count = count;
  r.seed = seed;
  r.guidance = seed % 2 == 0 ? 1.5F : 0.0F;
  r.steps_per_block = 1 + static_cast<int>(seed % 4);
  r.temperature = 0.9F;
  if (seed % 3 == 0) r.prefixes = {chem::Tokenizer::encode("CCC(=O)OCC"), chem::Tokenizer::encode("CC")};
  return r;
}

void expect_same(const std::vector<Sample>& a, const std::vector<Sample>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].index, b[i].index);
    EXPECT_EQ(a[i].tokens, b[i].tokens) << "sample " << i;
    EXPECT_EQ(a[i].complete, b[i].complete);
    EXPECT_EQ(std::bit_cast<std::uint32_t>(a[i].mean_log_probability),
              std::bit_cast<std::uint32_t>(b[i].mean_log_probability));
  }
}

void wait_until(const std::function<bool()>& holds) {
  while (!holds()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

class SchedulerIn : public testing::TestWithParam<nn::Precision> {};

TEST_P(SchedulerIn, GivesARequestTheSameBytesAloneAndAmongOthersOnAnyNumberOfThreads) {
  const auto m = model(GetParam());
  constexpr int kRequests = 65;
  std::vector<std::vector<Sample>> alone;
  {
    Scheduler scheduler(m, {.threads = 1});
    for (std::uint64_t seed = 0; seed < kRequests; ++seed) alone.push_back(scheduler.sample(request(seed)));
  }
  for (const int threads : {1, 2, 4}) {
    Scheduler scheduler(m, {.threads = threads, .max_sequences = 100});
    std::vector<std::future<std::vector<Sample>>> together;
    for (std::uint64_t seed = 0; seed < kRequests; ++seed) {
      together.push_back(
          std::async(std::launch::async, [&scheduler, seed] { return scheduler.sample(request(seed)); }));
    }
    for (std::size_t i = 0; i < together.size(); ++i) expect_same(together[i].get(), alone[i]);
  }
}

INSTANTIATE_TEST_SUITE_P(EachPrecision, SchedulerIn,
                         testing::Values(nn::Precision::F32, nn::Precision::BF16, nn::Precision::I8),
                         [](const auto& test) { return std::string(nn::to_string(test.param)); });

TEST(Scheduler, SplittingARequestByIndexChangesNothing) {
  Scheduler scheduler(model(), {.threads = 1});
  const SampleRequest whole = request(6, 8);
  const auto all = scheduler.sample(whole);
  SampleRequest part = whole;
  part.first_index = 5;
  part.count = 3;
  expect_same(scheduler.sample(part), {all.begin() + 5, all.end()});
}

TEST(Scheduler, SamplesVaryWithIndexAndSeed) {
  Scheduler scheduler(model(), {.threads = 2});
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    SampleRequest r = request(1, 16);
    r.seed = seed;
    for (const Sample& s : scheduler.sample(r)) seen.insert(chem::Tokenizer::decode(s.tokens));
  }
  EXPECT_GT(seen.size(), 55U);
}

TEST(Scheduler, TheGrammarLetsAlmostEverySequenceFinish) {
  Scheduler scheduler(model(), {.threads = 2});
  SampleRequest r = request(2, 1000);
  r.temperature = 1.5F;
  int complete = 0;
  for (const Sample& s : scheduler.sample(r)) {
    complete += s.complete ? 1 : 0;
    EXPECT_LT(s.mean_log_probability, 0);
    for (const chem::TokenId t : s.tokens) EXPECT_GT(t, chem::Tokenizer::kUnknown);
  }
  EXPECT_GT(complete, 990);
}

TEST(Scheduler, WithoutTheGrammarEverySequenceHasItsLength) {
  Scheduler scheduler(model(), {.threads = 2});
  SampleRequest r = request(3, 64);
  r.prefixes.clear();
  r.use_grammar = false;
  r.min_length = 10;
  r.max_length = 12;
  std::set<std::size_t> lengths;
  for (const Sample& s : scheduler.sample(r)) {
    EXPECT_TRUE(s.complete);
    lengths.insert(s.tokens.size());
    for (const chem::TokenId t : s.tokens) EXPECT_GT(t, chem::Tokenizer::kUnknown);
  }
  EXPECT_EQ(lengths, (std::set<std::size_t>{10, 11, 12}));
}

TEST(Scheduler, LengthWeightsShapeTheLengths) {
  Scheduler scheduler(model(), {.threads = 1});
  SampleRequest r = request(1, 32);
  r.use_grammar = false;
  r.length_weights.assign(65, 0.0F);
  r.length_weights[9] = 1e-6F;
  for (const Sample& s : scheduler.sample(r)) EXPECT_EQ(s.tokens.size(), 9U);
}

TEST(Scheduler, SequencesBeginWithTheirPinnedStart) {
  Scheduler scheduler(model(), {.threads = 2});
  const std::string chain = "CCC(=O)OCCCCCOC";
  for (std::size_t n = 0; n <= 12; ++n) {
    SampleRequest r = request(4, 4);
    r.prefixes = {chem::Tokenizer::encode(chain.substr(0, n))};
    const auto& prefix = r.prefixes[0];
    for (const Sample& s : scheduler.sample(r)) {
      ASSERT_GT(s.tokens.size() + (s.complete ? 0 : 1), prefix.size());
      EXPECT_TRUE(std::equal(prefix.begin(), prefix.end(), s.tokens.begin())) << n;
    }
  }
}

TEST(Scheduler, ARequestJoinsWhileAnotherRuns) {
  const auto m = model();
  std::vector<Sample> expected;
  {
    Scheduler scheduler(m, {.threads = 1});
    expected = scheduler.sample(request(8));
  }
  Scheduler scheduler(m, {.threads = 2, .max_sequences = 256});
  SampleRequest first = request(2, 200);
  first.min_length = 60;
  auto running = std::async(std::launch::async, [&] { return scheduler.sample(first); });
  wait_until([&] { return scheduler.stats().steps >= 2; });
  expect_same(scheduler.sample(request(8)), expected);
  EXPECT_EQ(running.get().size(), 200U);
}

TEST(Scheduler, FewSlotsServeManyRequestsInTheEnd) {
  Scheduler scheduler(model(), {.threads = 2, .max_sequences = 2});
  std::vector<std::future<std::vector<Sample>>> all;
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    all.push_back(
        std::async(std::launch::async, [&scheduler, seed] { return scheduler.sample(request(seed, 5)); }));
  }
  for (auto& f : all) EXPECT_EQ(f.get().size(), 5U);
  EXPECT_EQ(scheduler.stats().sequences, 60U);
  wait_until([&] { return scheduler.stats().active_sequences == 0; });
  EXPECT_EQ(scheduler.stats().waiting_requests, 0);
}

TEST(Scheduler, ACancelledRequestLeavesAtOnceAndTheOthersStay) {
  Scheduler scheduler(model(), {.threads = 2, .max_sequences = 64});
  std::atomic<bool> cancel{false};
  SampleRequest big = request(2, 1024);
  big.min_length = 60;
  auto running = std::async(std::launch::async, [&] { return scheduler.sample(big, &cancel); });
  auto other = std::async(std::launch::async, [&] { return scheduler.sample(request(5)); });
  wait_until([&] { return scheduler.stats().steps >= 2; });
  cancel = true;
  EXPECT_THROW(running.get(), Cancelled);
  EXPECT_EQ(other.get().size(), 3U);
  EXPECT_LT(scheduler.stats().sequences, 1024U);
  EXPECT_THROW(scheduler.sample(request(1), &cancel), Cancelled);
  EXPECT_EQ(scheduler.sample(request(1)).size(), 3U);
}

TEST(Scheduler, ShutsDownWithWorkInFlight) {
  for (int round = 0; round < 5; ++round) {
    auto scheduler =
        std::make_unique<Scheduler>(model(), Scheduler::Options{.threads = 2, .max_sequences = 8});
    std::vector<std::future<void>> callers;
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
      callers.push_back(std::async(std::launch::async, [&s = *scheduler, seed] {
        EXPECT_THROW(s.sample(request(seed, 1024)), Cancelled);
      }));
    }
    wait_until([&] { return scheduler->stats().waiting_requests == 4; });
    scheduler.reset();
    for (auto& c : callers) c.get();
  }
}

TEST(Scheduler, RefusesBadOptionsAndRequests) {
  EXPECT_THROW(Scheduler(model(), {.threads = -1}), InvalidInput);
  EXPECT_THROW(Scheduler(model(), {.max_sequences = 0}), InvalidInput);
  Scheduler scheduler(model(), {.threads = 1});
  SampleRequest r = request(1);
  r.count = 0;
  EXPECT_THROW(scheduler.sample(r), InvalidInput);
  EXPECT_EQ(scheduler.model().config().width, 32);
}

TEST(Scheduler, CountsItsWork) {
  Scheduler scheduler(model(), {.threads = 1});
  SampleRequest r = request(2, 4);  // guided: two lanes a sequence
  scheduler.sample(r);
  const SchedulerStats stats = scheduler.stats();
  EXPECT_EQ(stats.sequences, 4U);
  EXPECT_GT(stats.steps, 0U);
  EXPECT_GE(stats.lanes, 2 * stats.steps);
  EXPECT_LE(stats.lanes, 8 * stats.steps);
}

TEST(Scheduler, WhatCanWaitLetsUrgentWorkGoFirstAndComesToTheSame) {
  const auto m = model();
  const SampleRequest large = request(3, 1024), small = request(4, 8);
  Scheduler alone(m, {1});
  const auto of_large = alone.sample(large), of_small = alone.sample(small);
  Scheduler scheduler(m, {1, 64});
  auto waiting = std::async(std::launch::async, [&] {
    const CanWait waits;
    return scheduler.sample(large);
  });
  wait_until([&] { return scheduler.stats().active_sequences > 0; });
  {
    const Urgent urgent;
    const auto before = scheduler.stats();
    expect_same(scheduler.sample(small), of_small);
    const auto after = scheduler.stats();
    // Sequences that could wait took part in a few of these steps only.
    EXPECT_LT(after.lanes - before.lanes,
              8 * 2 * (after.steps - before.steps) + 48 * 2 * (after.steps - before.steps) / 4);
  }
  expect_same(waiting.get(), of_large);
}

}  // namespace
}  // namespace odordiff::diffusion
