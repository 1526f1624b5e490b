// Which prompt comes next, in memory: the store knows what is unfinished, this knows what is at work.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "jobs/progress.h"
#include "jobs/store.h"

namespace odordiff::jobs {

// A job that has not ended. `cancel` may be read by anyone, the rest belongs to the owner of the queue.
struct ActiveJob {
  std::int64_t number = 0;
  std::string id;
  std::string owner;
  int priority = 0;
  int total = 0;
  int done = 0;
  int failed = 0;
  int in_work = 0;  // claimed and not settled
  bool started = false;
  std::optional<std::int64_t> expires_ms;
  std::deque<int> waiting;
  Rate rate;
  std::atomic<bool> cancel{false};

  Progress progress(State state, std::int64_t now_ms) const;
};

struct Claim {
  std::shared_ptr<ActiveJob> job;
  int index = 0;
  bool first = false;  // of this job in this process
};

// Each owner's more urgent job first, among equals the one that was accepted first, prompts in their order.
// Owners take turns, whatever they have handed in: of those who have a job of the highest priority there is,
// the one goes next who has had the least (start-time fair queueing, a prompt a unit of work), by their
// weights: twice the weight, twice the prompts. Each fourth
// prompt is that of who has had the least, whatever its priority, so that nobody waits for ever. Not safe for
// many threads: its runner holds a mutex.
class Queue {
 public:
  // By owner, at least 1; empty: all weigh the same.
  using WeightOf = std::function<int(const std::string& owner)>;
  explicit Queue(WeightOf weight_of = {}) : weight_of_(std::move(weight_of)) {}

  // Nothing when the job is here already.
  void add(const OpenJob& job);
  // Nothing to do, or all that there is has expired: empty.
  std::optional<Claim> claim(std::int64_t now_ms);
  // The prompt has no result and is to be done again.
  void give_back(const Claim& claim);
  // The prompt is on disk, or has been dropped with its job.
  void settle(std::int64_t job, bool kept, bool failed, std::int64_t now_ms);
  // Forgets the job and tells those at work on it to stop. Null when it is not here.
  std::shared_ptr<ActiveJob> end(std::int64_t job);

  std::shared_ptr<ActiveJob> find(std::int64_t job) const;
  std::shared_ptr<ActiveJob> find(const std::string& id) const;
  // What stands before a job's next prompt.
  struct Ahead {
    std::size_t own_prompts = 0;  // of its owner's jobs that come first
    std::size_t owners = 0;       // others who take turns with its owner
  };
  Ahead ahead_of(const ActiveJob& job) const;
  bool has_ready() const { return ready_ > 0; }
  bool empty() const { return jobs_.empty(); }
  std::size_t jobs() const { return jobs_.size(); }
  std::map<std::string, int> jobs_by_owner() const;
  std::size_t waiting() const;
  // Tells all work under way to stop.
  void cancel_all();

 private:
  using Rank = std::pair<int, std::int64_t>;
  static Rank rank(const ActiveJob& job) { return {-job.priority, job.number}; }

  // Somebody with jobs here.
  struct Owner {
    std::uint64_t had = 0;  // in virtual time: who comes later begins where the others are
    int jobs = 0;
    std::set<Rank> ready;  // jobs with prompts that wait, the most urgent first
  };
  void make_ready(const ActiveJob& job);
  void make_unready(const ActiveJob& job);
  // Whose turn it is; null: nobody has a job that waits.
  Owner* next(bool whatever_priority);

  WeightOf weight_of_;
  std::map<std::int64_t, std::shared_ptr<ActiveJob>> jobs_;
  std::unordered_map<std::string, std::int64_t> numbers_;  // by id
  std::map<std::string, Owner> owners_;
  std::size_t ready_ = 0;   // jobs with prompts that wait
  std::uint64_t time_ = 0;  // virtual: what the one who was last served had had
  std::uint64_t turns_ = 0;
};

}  // namespace odordiff::jobs
