// Works through the jobs of a store on threads of its own.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "jobs/progress.h"
#include "jobs/queue.h"
#include "jobs/store.h"

namespace odordiff::jobs {

// At most Options::threads prompts are at work at a time. A prompt is finished when its result is on disk;
// killed at any moment, at most threads + max_unwritten prompts are computed a second time after the restart,
// and none is recorded twice. When the disk is full, work pauses with its results in memory until there is
// room.
//
// Safe to call from many threads. REQUIRES: the store outlives the runner, and no other runner is on it.
class Runner {
 public:
  // Makes a result of a prompt. What it throws is recorded as the prompt's failure, except that when `cancel`
  // is true it may throw Cancelled: the prompt then goes back to the queue, or is dropped with its job.
  // Called by many threads.
  using Work = std::function<std::string(const std::string& prompt_json, const std::atomic<bool>& cancel)>;

  struct Options {
    int threads = 2;
    int max_unwritten = 32;                        // results on their way to the disk
    std::chrono::milliseconds storage_retry{500};  // after a write that failed
    std::chrono::milliseconds housekeeping{
        1000};  // between two looks for what has expired; 0: only by tick()
    // Told of each new trouble with the disk, and with an empty text when it is over. Must not call the
    // runner.
    std::function<void(const std::string& trouble)> on_trouble = {};
    // An owner's weight among the others (Queue). Must not call the runner.
    Queue::WeightOf weight_of = {};
  };

  Runner(Store& store, Work work, Options options);
  Runner(Store& store, Work work) : Runner(store, std::move(work), Options{}) {}
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;
  // stop() without grace.
  ~Runner();

  // Takes up what the store has unfinished and begins. REQUIRES: called once.
  void start();

  // No prompt is begun any more, and what throws Cancelled from now on returns to the queue for the next
  // start. Returns at once.
  void drain();

  // As drain(), and waits: those at work have `grace` to end, then are told to stop, and what they
  // leave returns to the queue for the next start. Returns when all is still. Later calls do nothing.
  void stop(std::chrono::milliseconds grace);

  // As the store's, and known to the threads at once. Accepted also when the runner has stopped: for the next
  // start.
  Accepted submit(const Submission& submission);
  std::optional<Status> cancel(std::string_view id);
  std::size_t erase_owner(std::string_view owner);  // open jobs among the erased

  // Empty: no such job.
  std::optional<Progress> progress(std::string_view id);

  // Called after results of the job came to disk and when it ends, from the runner's threads; must not block
  // or throw. An empty id listens to all jobs. Subscribe first and read the store's results afterwards, and
  // nothing is missed.
  Subscription subscribe(std::string id, Listeners::Callback callback);

  // One round of housekeeping: ends what has expired, forgets what has had its time.
  void tick();

  struct Load {
    std::size_t open_jobs = 0;
    std::size_t waiting_prompts = 0;
    int in_work = 0;
    int unwritten = 0;
    std::string trouble;  // the last thing that the disk refused; empty: it works
  };
  Load load() const;

  // Owners with their unfinished jobs.
  std::map<std::string, int> jobs_by_owner() const;

  // Why an open job's next prompt is not at work yet. Empty: no such job here, or none of its prompts waits.
  struct Waiting {
    std::size_t own_prompts_ahead = 0;  // of its owner's more urgent or earlier jobs
    std::size_t other_owners = 0;       // who take turns with its owner
    int in_work = 0, threads = 0;       // prompts at work, of how many at a time
    bool stopping = false;              // nothing more is begun
    std::string trouble;                // as in Load
  };
  std::optional<Waiting> waiting(std::string_view id) const;

  // Waits until no job is open; false when the deadline came first.
  bool wait_until_idle(std::chrono::steady_clock::time_point deadline);

 private:
  void worker();
  void writer();
  void housekeeper();
  bool is_draining() const;
  // Empty: nothing to record, the prompt goes back or is dropped.
  std::optional<Finished> run_one(const Claim& claim);
  bool write(const std::vector<Finished>& batch);
  void settle(const std::vector<Finished>& batch, const std::vector<Written>& written);
  void end(std::int64_t job, State state);
  void set_trouble(const std::string& trouble);
  void set_trouble_locked(const std::string& trouble);  // REQUIRES: mutex_ is held

  Store& store_;
  const Work work_;
  const Options options_;
  const std::shared_ptr<Listeners> listeners_ = std::make_shared<Listeners>();

  mutable std::mutex mutex_;  // guards what stands between here and threads
  std::condition_variable changed_;
  Queue queue_;
  std::vector<Finished> pending_;  // for the writer
  int unwritten_ = 0;              // pending or being written
  int in_work_ = 0;                // claimed, and no result yet
  bool stopping_ = false;          // nothing more is claimed
  bool closing_ = false;           // the writer and the housekeeper end
  std::string trouble_;

  std::mutex stop_mutex_;  // one stop() at a time; guards the threads
  std::vector<std::thread> workers_;
  std::thread writer_thread_;
  std::thread housekeeper_thread_;
};

}  // namespace odordiff::jobs
