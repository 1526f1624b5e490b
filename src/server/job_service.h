// Jobs behind the API: kept by jobs::Store, worked through by the pipeline behind the requests of clients who
// wait, followed as streams, and told of by webhooks.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "jobs/runner.h"
#include "server/job_feeds.h"
#include "server/webhook_sender.h"

namespace odordiff::server {

struct Service;

class JobService {
 public:
  struct Options {
    std::filesystem::path database;
    int threads = 2;   // prompts at work at a time
    int instance = 0;  // as jobs::Store::Options
    int max_open_jobs = jobs::Store::Options{}.max_open_jobs;
    std::int64_t retain_ms = jobs::Store::Options{}.retain_ms;
    // Where it is given, it answers prompts instead of this process's workers; as jobs::Runner::Work.
    jobs::Runner::Work elsewhere = {};
    std::optional<WebhookSender::Options> webhooks = {};
    jobs::Queue::WeightOf weight_of = {};  // of the owners of jobs, once it has started
  };

  // Opens the database. `service` outlives it. Throws Unavailable where the file cannot be had.
  JobService(const Options& options, const Service& service, observe::Registry& registry,
             observe::Logger& logger);
  ~JobService();  // as stop()

  // Goes on with what an earlier process left.
  void start();

  // No prompt is begun any more, and streams end with a mark to resume from. Returns at once. What the
  // workers then break off waits for the next start.
  void drain();
  // As drain(), and waits until all is still. REQUIRES: the workers are stopped, or end what they are at.
  void stop();

  jobs::Store& store() { return store_; }
  jobs::Runner& runner() { return runner_; }
  JobFeeds& feeds() { return feeds_; }
  bool sends_webhooks() const { return sender_ != nullptr; }
  bool may_send_to(const std::string& url) const { return sender_ && sender_->may_send_to(url); }

 private:
  // Makes one prompt's answer on a worker, while the runner's thread waits.
  std::string work_here(const std::string& prompt, const std::atomic<bool>& cancel);
  // By `work`, or here where that is empty.
  std::string made(const jobs::Runner::Work& work, const std::string& prompt,
                   const std::atomic<bool>& cancel);
  std::string counted(const jobs::Runner::Work& work, const std::string& prompt,
                      const std::atomic<bool>& cancel);

  const Service& service_;
  jobs::Store store_;
  jobs::Runner runner_;
  JobFeeds feeds_;
  std::unique_ptr<WebhookSender> sender_;  // null: webhooks are off
  jobs::Subscription ended_;
  observe::Counter& done_;
  observe::Counter& failed_;
};

}  // namespace odordiff::server
