// Answers from memory: what was computed once is served as finished bytes, and equal requests at once are
// computed once.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "cache/cache.h"
#include "observe/metrics.h"
#include "server/router.h"

namespace odordiff::server {

class AnswerCache {
 public:
  // The reference must outlive the cache's last answer.
  AnswerCache(cache::Options options, Workers& workers, observe::Registry& registry);

  struct Made {
    std::string body;        // for those who waited for it
    std::string later_body;  // for those who find it; empty: the same
    bool keep = true;        // false: an answer that chance or the clock had a hand in
  };
  // Runs on a worker; stops with Cancelled soon after the flag turns true.
  using Make = std::function<Made(const std::atomic<bool>& unwanted)>;

  // The answer under `key`, JSON: at once where it is known, else made by one worker for all who ask
  // meanwhile. Honours If-None-Match.
  Outcome answer(const Request& request, const std::string& key, Priority priority, Make make);

  cache::Stats stats() const { return cache_.stats(); }

 private:
  cache::Cache cache_;
  Workers& workers_;
};

}  // namespace odordiff::server
