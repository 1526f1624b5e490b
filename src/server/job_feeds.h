// Streams that follow a job: its results as they come to disk, and how far it is. One thread serves all of
// them, so that a thousand watchers cost no worker.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

#include "jobs/runner.h"
#include "server/event_stream.h"

namespace odordiff::server {

class JobFeeds {
 public:
  // Both outlive the feeds.
  JobFeeds(jobs::Store& store, jobs::Runner& runner);
  ~JobFeeds();  // REQUIRES: what follow() returned is gone

  // Sends the job's results after `cursor` as events `result`, whose id is the cursor to resume from; then
  // `done` with its status. Lasts as long as what it returns. The stream says its progress at each beat.
  std::shared_ptr<void> follow(const std::string& job, const std::string& cursor,
                               const std::shared_ptr<EventStream>& stream);

  // Every stream, also of those to come, ends with an `error` event that says how to resume.
  void drain();

 private:
  struct Feed;
  void touch(const std::shared_ptr<Feed>& feed);
  void forget(Feed* feed);
  void serve();
  void advance(Feed& feed);
  void end_for_shutdown(Feed& feed);
  // Those after the feed's cursor. Feeds that are served together share what one of them has read.
  const std::optional<jobs::ResultPage>& page_after(const Feed& feed);

  jobs::Store& store_;
  jobs::Runner& runner_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::weak_ptr<Feed>> news_;  // those that may have something to send
  std::unordered_set<Feed*> live_;
  bool draining_ = false, stopping_ = false;
  struct Read {
    std::string job, cursor;
    std::optional<jobs::ResultPage> page;
  };
  std::optional<Read> read_;  // the serving thread's
  std::thread thread_;
};

}  // namespace odordiff::server
