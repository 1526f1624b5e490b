// Answers from memory: what was computed once is served as finished bytes, in each content coding that was
// asked for, and equal requests at once are computed once.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "cache/cache.h"
#include "observe/metrics.h"
#include "server/content_coding.h"
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
    std::string media_type = "application/json";
  };
  // Runs on a worker; stops with Cancelled soon after the flag turns true. InvalidInput that it throws is
  // remembered for a short while, as the refusal that it is.
  using Make = std::function<Made(const std::atomic<bool>& unwanted)>;

  // The answer under `key`: at once where it is known, else made by one worker for all who ask meanwhile. A
  // stale one is served while a worker makes it anew. Honours If-None-Match and Accept-Encoding.
  Outcome answer(const Request& request, const std::string& key, Priority priority, Make make);

  cache::Stats stats() const { return cache_.stats(); }
  // The requests that are asked most, best first: "PATH\nBODY" each (server/warm_up.h).
  std::vector<std::string> hottest(std::size_t count) const;

 private:
  enum class Audience { Waited, Later };
  Response respond(const Request& request, const std::string& key, cache::EntryPtr entry, Audience audience,
                   long fresh_s);
  void compute(cache::Lead lead, const std::shared_ptr<Call>& call, Priority priority, const Request& request,
               Make make);

  cache::Cache cache_;
  Workers& workers_;
  Compressor compressor_;
};

}  // namespace odordiff::server
