// Admission control: the threads that run the pipeline and the bounded queue before them. What does not fit
// is refused at once, so that what was accepted keeps its latency.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "observe/metrics.h"
#include "server/call.h"

namespace odordiff::server {

// The first goes before the others.
// - Errands are short and wait for the disk at most. Threads of their own take them, so that nobody who asks
//   how far a job is waits behind the work itself.
// - What waits in the background is bounded by whoever submits it.
// Neither is ever refused for want of room, takes any from others, or counts into how long they will wait.
enum class Priority { Errand, Quick, Normal, Bulk, Background };

class Workers {
 public:
  struct Options {
    int threads = 4;     // beside those for errands
    int max_queue = 64;  // accepted and waiting, beside what is at work
    // Longest expected wait of what is accepted: more than can be done is refused while the rest keeps its
    // latency.
    double max_wait_s = 0.5;
  };
  Workers(const Options& options, observe::Registry& registry);
  ~Workers();  // as stop()

  // Takes `run` or throws ProblemError 503 with Retry-After: the queue is full, its expected wait is too long
  // or reaches beyond the call's deadline, or the workers stop. `run` must not throw; it is called even when
  // the call was ended meanwhile, unless withdraw() came first. `accepted_before`: more of what was taken
  // before, which is refused only when the workers stop.
  std::uint64_t submit(std::shared_ptr<Call> call, Priority priority, std::function<void()> run,
                       bool accepted_before = false);

  // Takes back what still waits; false when it is at work or done.
  bool withdraw(std::uint64_t ticket);

  // Ends the calls that wait or work, runs what waits to its early end, and joins.
  void stop();

  struct Load {
    int waiting = 0, working = 0, threads = 0, max_queue = 0;
    double expected_wait_s = 0;  // of a request that comes now
  };
  Load load() const;

 private:
  struct Job {
    std::shared_ptr<Call> call;
    std::function<void()> run;
    Clock::time_point since;
  };
  void work(bool errands);
  double expected_wait_s(Priority priority) const;  // REQUIRES: mutex_
  std::size_t busy_threads() const;                 // REQUIRES: mutex_
  int waiting(Priority last) const;  // of bounded work, down to this priority; REQUIRES: mutex_

  const Options options_;
  observe::Histogram& wait_seconds_;
  observe::Counter& refused_full_;
  observe::Counter& refused_slow_;
  observe::Counter& refused_late_;
  mutable std::mutex mutex_;
  std::condition_variable come_;
  std::map<std::pair<Priority, std::uint64_t>, Job> queue_;
  std::map<std::uint64_t, std::shared_ptr<Call>> at_work_;
  std::size_t errands_at_work_ = 0;  // of at_work_
  std::uint64_t next_ticket_ = 1;
  double service_s_ = 0;  // of a job, smoothed over the latest
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace odordiff::server
