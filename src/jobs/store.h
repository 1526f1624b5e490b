// Jobs on disk: accepted means kept. SQLite in one file, with a write-ahead log that is synced at each
// commit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "jobs/file_lock.h"
#include "jobs/job.h"
#include "jobs/sqlite.h"

namespace odordiff::jobs {

// What a restart has to go on with.
struct OpenJob {
  std::int64_t number = 0;  // of the job, in order of acceptance
  std::string id;
  std::string owner;
  int priority = 0;
  int total = 0;
  int done = 0;
  int failed = 0;
  std::optional<std::int64_t> expires_ms;
  std::vector<int> unfinished;  // indices of prompts without a result, ascending
};

// A prompt's outcome on its way to the disk.
struct Finished {
  std::int64_t job = 0;  // its number
  int index = 0;
  bool failed = false;
  std::string body;
  std::string error_kind;
};

// What became of it.
struct Written {
  bool kept = false;       // false: the job has ended otherwise, or the prompt has a result already
  bool job_ended = false;  // by this result
};

// Every call that returns has its effect on disk, surviving kill -9 and power loss; a call that throws
// StorageFull or Unavailable has none (but for a disk that fails in the sync of a commit). A prompt gets at
// most one result, whoever finishes it how often. One process owns a file at a time; a second Store on it
// throws Unavailable. Safe to call from many threads; calls may block on the disk, and readers do not wait
// for writers.
//
// A server hands jobs in and cancels them through Runner, which tells the threads at work, and asks here.
class Store {
 public:
  struct Options {
    std::filesystem::path path = {};            // of the database; "-wal", "-shm" and ".lock" stand beside it
    std::function<std::int64_t()> now_ms = {};  // since 1970; empty: the system's clock
    int max_prompts = 1000;                     // of one job
    int max_open_jobs = 10'000;                 // more are refused as Overloaded
    std::int64_t retain_ms =
        7 * 86'400'000LL;        // ended jobs are kept so long, with results and idempotency key
    std::int64_t max_bytes = 0;  // limit of the database's size; 0: the disk's
    int instance = 0;            // 1-255: ids begin with these two hexadecimal digits; 0: with any
  };

  explicit Store(Options options);

  // Throws InvalidInput, Conflict, TooManyOpen, Overloaded, StorageFull.
  Accepted submit(const Submission& submission);

  std::optional<Status> status(std::string_view id);

  // Empty when there is no such job. `cursor` is empty for the start, or what an earlier call gave; anything
  // else throws InvalidInput. REQUIRES: 1 <= limit.
  std::optional<ResultPage> results(std::string_view id, std::string_view cursor, int limit);

  // All that was handed in with it, in order; empty when there is no such job.
  std::vector<std::string> prompts(std::string_view id);

  // One owner's jobs. REQUIRES: 1 <= limit.
  JobPage list(std::string_view owner, std::string_view cursor, int limit);
  // Everybody's, or those that have not ended. REQUIRES: 1 <= limit.
  JobPage list_all(bool open_only, std::string_view cursor, int limit);

  // Ends the job; what it has found stays. Empty: no such job. A job that has ended stays as it is.
  std::optional<Status> cancel(std::string_view id);

  // Ends what is past its time; numbers of the jobs.
  std::vector<std::int64_t> expire_due();

  // Forgets jobs that ended longer ago than retain_ms; how many.
  std::size_t delete_old();

  // Forgets all jobs of this owner, whatever their state; numbers of those that had not ended.
  std::vector<std::int64_t> erase_owner(std::string_view owner);

  // For the runner.
  std::vector<OpenJob> open_jobs();
  std::optional<OpenJob> open_job(std::string_view id);
  // Empty when the job was forgotten.
  std::optional<std::string> prompt(std::int64_t job, int index);
  // Work on the job begins; only the first call counts. False when the job is not open any more.
  bool mark_started(std::int64_t job);
  // All of them in one commit.
  std::vector<Written> finish(std::span<const Finished> finished);

  // For whoever delivers webhooks: jobs that have ended and of which that is to be told now, the longest due
  // first, of those that `takes` says yes to at most `limit`. REQUIRES: 1 <= limit; `takes` does not call the
  // store.
  std::vector<Status> due_webhooks(int limit, const std::function<bool(const Status&)>& takes);
  // How telling it went, once more. Not delivered and no `next_ms`: it is given up.
  void note_webhook(std::string_view id, bool delivered, std::optional<std::int64_t> next_ms);

  std::int64_t now_ms() const { return options_.now_ms(); }

 private:
  void require_whole();
  void create_schema();
  std::optional<Accepted> accepted_before(const Submission& submission, const std::string& digest);
  int open_jobs_of(const std::string& owner);  // REQUIRES: write_mutex_ is held
  OpenJob read_open_job(Statement& row);
  JobPage read_page(Statement& row, int limit) const;  // REQUIRES: read_mutex_ is held

  Options options_;
  FileLock lock_;
  std::mutex write_mutex_;
  Database writer_;  // guarded by write_mutex_
  std::mutex read_mutex_;
  std::optional<Database> reader_;  // guarded by read_mutex_; opened when the schema stands
};

}  // namespace odordiff::jobs
