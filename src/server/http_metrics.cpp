#include "server/http_metrics.h"

#include <algorithm>

namespace odordiff::server {

HttpMetrics::HttpMetrics(observe::Registry& registry, const Router& router)
    : connections(registry.gauge("odordiff_http_connections", "Open connections.")),
      streams(registry.gauge("odordiff_http_streams", "Open event streams.")),
      connections_total(registry.counter("odordiff_http_connections_total", "Accepted connections.")),
      connections_refused(registry.counter("odordiff_http_connections_refused_total",
                                           "Connections refused because too many were open.")),
      received_bytes(registry.counter("odordiff_http_received_bytes_total", "Bytes of request bodies.")),
      sent_bytes(registry.counter("odordiff_http_sent_bytes_total", "Bytes sent.")),
      clients_left(registry.counter("odordiff_http_clients_left_total",
                                    "Clients that left before their answer was ready.")),
      readers_dropped(registry.counter("odordiff_http_readers_dropped_total",
                                       "Connections dropped for reading too slowly.")),
      faults(registry.counter("odordiff_http_faults_total",
                              "Requests that failed by a fault of the server; the log names each.")),
      registry_(registry) {
  const auto declare = [&](const Route* route, std::string method, std::string pattern) {
    Series& series = series_[route];
    series.method = std::move(method);
    series.pattern = std::move(pattern);
    series.seconds = &registry.histogram(
        "odordiff_http_request_seconds", "From a request's first byte to its answer's last.",
        observe::seconds_buckets(), {{"method", series.method}, {"route", series.pattern}});
  };
  for (const auto& route : router.routes()) declare(route.get(), route->method, route->pattern);
  declare(nullptr, "other", "none");
}

void HttpMetrics::count(const Route* route, int status, double seconds) {
  const auto found = series_.find(route);
  if (found == series_.end()) return;
  Series& series = found->second;
  series.seconds->observe(seconds);
  auto& slot = series.by_status.at(static_cast<std::size_t>(std::clamp(status, 0, 599)));
  observe::Counter* counter = slot.load(std::memory_order_acquire);
  if (counter == nullptr) {
    counter = &registry_.counter(
        "odordiff_http_requests_total", "Answered requests.",
        {{"method", series.method}, {"route", series.pattern}, {"status", std::to_string(status)}});
    slot.store(counter, std::memory_order_release);
  }
  counter->add();
}

std::map<int, std::uint64_t> HttpMetrics::by_status() const {
  std::map<int, std::uint64_t> out;
  for (const auto& [route, series] : series_) {
    for (std::size_t status = 0; status < series.by_status.size(); ++status) {
      const auto* counter = series.by_status[status].load(std::memory_order_acquire);
      if (counter != nullptr) out[static_cast<int>(status)] += counter->value();
    }
  }
  return out;
}

}  // namespace odordiff::server
