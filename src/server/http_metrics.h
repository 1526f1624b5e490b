// What is counted of HTTP: requests by route and status, their times, connections, streams.
#pragma once

#include <array>
#include <atomic>
#include <map>
#include <string>

#include "observe/metrics.h"
#include "server/router.h"

namespace odordiff::server {

class HttpMetrics {
 public:
  // Declares the series of every route, so that counting takes no lock.
  HttpMetrics(observe::Registry& registry, const Router& router);

  // `route`: null where the request found none.
  void count(const Route* route, int status, double seconds);
  // Answered requests by status, over all routes.
  std::map<int, std::uint64_t> by_status() const;

  observe::Gauge& connections;
  observe::Gauge& streams;
  observe::Counter& connections_total;
  observe::Counter& connections_refused;
  observe::Counter& received_bytes;
  observe::Counter& sent_bytes;
  observe::Counter& clients_left;
  observe::Counter& readers_dropped;
  observe::Counter& faults;

 private:
  // One counter for each status that is answered; they come into being as statuses do.
  struct Series {
    std::string method, pattern;
    observe::Histogram* seconds = nullptr;
    std::array<std::atomic<observe::Counter*>, 600> by_status{};
  };

  observe::Registry& registry_;
  std::map<const Route*, Series> series_;
};

}  // namespace odordiff::server
