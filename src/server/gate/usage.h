// What callers use, held against their quotas (quota.h): in this process, and with a Redis in all servers
// together.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "fleet/shared_limits.h"
#include "server/gate/rate_limiter.h"
#include "server/http.h"

namespace odordiff::server {

// Safe from many threads. Nobody waits for Redis: what the other servers allowed is known some milliseconds
// late, so that a caller who asks all servers at the same moment may get a little more. While Redis is away,
// each server allows its share.
class Usage {
 public:
  // Owners with their open jobs here; from any thread.
  using JobsByOwner = std::function<std::map<std::string, int>()>;
  // `shared` may be null: there is this server alone. `jobs_by_owner` may be empty. All outlive this.
  Usage(fleet::SharedLimits* shared, observe::Registry& registry, JobsByOwner jobs_by_owner = {});
  ~Usage();

  // One request of `caller`, who may send so many a minute. REQUIRES: per_minute > 0.
  RateLimiter::Verdict ask(const std::string& caller, int per_minute);

  // Molecules that are to be drawn for the request. Throws ProblemError 429, or 403 where the quota is
  // smaller than that.
  void draw(const Request& request, std::int64_t samples);

  // The answer is read as it is made, as long as what this returns lives. Throws ProblemError 429.
  std::shared_ptr<void> begin_stream(const Request& request);

  // How many jobs the request's owner may have open on this server: the quota without those that are open
  // elsewhere. Nothing: there is no limit.
  std::optional<int> jobs_allowed(const Request& request);

 private:
  RateLimiter::Verdict charge(const std::string& caller, Rate rate, int cost);
  void tell(const std::string& caller, double owed_s);
  void beat();  // each second
  void hold(const std::string& what, int count);
  int share() const { return shared_ == nullptr ? 1 : shared_->share(); }

  fleet::SharedLimits* const shared_;
  const JobsByOwner jobs_by_owner_;
  RateLimiter limiter_;
  observe::Counter& refused_samples_;
  observe::Counter& refused_streams_;

  std::mutex mutex_;
  struct Told {
    double owed_s = 0;  // charged here and not told yet
    bool under_way = false;
  };
  std::map<std::string, Told> told_;  // callers of whom something is to be told, or is being told
  struct Held {
    int here = 0;  // streams
    int elsewhere = 0;
  };
  std::map<std::string, Held> held_;  // streams and jobs, by kind and caller
  bool stopping_ = false;
  std::condition_variable stop_;
  std::thread beats_;
};

}  // namespace odordiff::server
