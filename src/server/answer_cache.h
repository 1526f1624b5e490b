// Answers from memory: what was computed once is served as finished bytes, in each content coding that was
// asked for, and equal requests at once are computed once.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "cache/cache.h"
#include "model/identity.h"
#include "observe/metrics.h"
#include "server/content_coding.h"
#include "server/router.h"

namespace odordiff::server {

class AnswerCache {
 public:
  // The references must outlive the cache's last answer.
  // `made_by`: name and digest are surrogate keys of each answer, the digest is part of each ETag.
  AnswerCache(cache::Options options, Workers& workers, observe::Registry& registry,
              model::Identity made_by = {});

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

  // The same for a request whose very bytes were answered before, without reading them again; nothing where
  // they were not, or the answer is no longer fresh.
  std::optional<Response> known(const Request& request);

  // How long answers made from now on are kept; from any thread.
  void set_life(cache::Lifetime life) { fresh_ms_.store(life.fresh_ms), stale_ms_.store(life.stale_ms); }

  // Forget answers, by surrogate key or all of them, here and, with purge, on every machine. How many went
  // from memory here.
  std::size_t purge_tag(const std::string& tag) { return cache_.purge_tag(tag); }
  std::size_t purge_all() { return cache_.purge_all(); }
  void forget_tag(const std::string& tag) { cache_.forget_tag(tag); }
  void forget_all() { cache_.forget_all(); }

  cache::Stats stats() const { return cache_.stats(); }
  // The requests that are asked most, best first: "PATH\nBODY" each (server/warm_up.h).
  std::vector<std::string> hottest(std::size_t count) const;

 private:
  enum class Audience { Waited, Later };
  Response respond(const Request& request, const std::string& key, cache::EntryPtr entry, Audience audience,
                   long fresh_s);
  // Seconds for which an answer that was just made may be kept; 0: not at all.
  long fresh_s(const std::string& key, const cache::EntryPtr& entry);
  void compute(cache::Lead lead, const std::shared_ptr<Call>& call, Priority priority,
               std::shared_ptr<const Request> request, Make make);

  // Keys of requests by their bytes, for known(). Forgotten all at once when there are too many.
  std::shared_mutex memo_mutex_;
  std::unordered_map<std::string, std::string> memo_;

  std::atomic<std::int64_t> fresh_ms_, stale_ms_;
  cache::Cache cache_;
  Workers& workers_;
  const model::Identity made_by_;
  Compressor compressor_;
};

}  // namespace odordiff::server
