// Hands prompts to Celery workers and waits for their answers.
#pragma once

#include <atomic>
#include <chrono>
#include <string>
#include <vector>

#include "base/error.h"
#include "fleet/redis/client.h"
#include "model/identity.h"
#include "observe/metrics.h"

namespace odordiff::fleet {

// No worker that took the task has the model that its answer must come from; the caller can make the answer
// itself.
class OtherModel : public Unavailable {
 public:
  using Unavailable::Unavailable;
};

// Equal prompts of the same identity are the same task, whoever sends them and however often: its id is made
// of them. So a task that may have been lost (a broker that failed over, a worker that died) is sent again
// without harm, and what a worker has answered already is found.
class HandOver {
 public:
  struct Options {
    std::string task = "odordiff.answer_prompt";
    std::string queue = "batch";
    int priority = 5;                          // as kombu has it
    model::Identity identity;                  // answers of another one are not taken
    std::chrono::milliseconds resend{60'000};  // without a word about the task
    // After a failover: sentinels make a primary that they replaced a replica 10 s later, and until then a
    // worker that has not heard of it may leave its result there.
    std::chrono::milliseconds resend_after_failover{15'000};
    std::chrono::milliseconds look{1'000};  // between looks, should an announcement be missed
    int most_refusals = 8;                  // by workers of another identity; then OtherModel
  };
  // The references outlive it.
  HandOver(redis::Client& client, Options options, observe::Registry& registry);

  // What a worker answered. Blocks while the broker is away, too: the work is not lost, it waits. Throws
  // InvalidInput for what the worker refused, OtherModel, Unavailable for what it failed at, Cancelled soon
  // after `cancel` turns true, and then a message that no worker has taken yet is out of the broker. Safe
  // from many threads.
  std::string run(const std::string& prompt, const std::atomic<bool>& cancel);

  // Takes out of the broker what waits there for workers to answer these prompts, and what they answered; how
  // many messages and results. What is at work at that moment may leave its result there, until Celery's
  // results expire, and a run() under way may send its prompt again. Throws Unavailable.
  std::uint64_t forget(const std::vector<std::string>& prompts);

 private:
  std::string task_of(const std::string& prompt) const;

  redis::Client& client_;
  const Options options_;
  const std::string origin_;
  observe::Counter& sent_;
  observe::Counter& resent_;
  observe::Counter& done_;
  observe::Counter& failed_;
  observe::Counter& other_model_;
};

}  // namespace odordiff::fleet
