// The HTTP/1.1 server: accepts connections, hands requests to the router's handlers and their work to the
// workers, and drains when it is told to go. The library beneath (Boost.Asio and Beast) stays behind this
// header.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "observe/log.h"
#include "observe/tracer.h"
#include "server/gatekeeper.h"
#include "server/http_metrics.h"
#include "server/router.h"
#include "server/tls.h"
#include "server/workers.h"

namespace odordiff::server {

struct HttpOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8000;  // 0: any that is free
  int io_threads = 1;
  int max_connections = 10'000;
  std::size_t max_header_bytes = 16 * 1024;
  std::size_t max_body_bytes = 1024 * 1024;
  std::size_t max_bodies_bytes = 128 * 1024 * 1024;  // of all requests at a time; beyond, 503
  std::size_t stream_buffer_bytes = 32 * 1024;       // beyond it a stream's work rests until it is read
  // Of answers that wait for their readers; beyond, readers that take nothing for 2 s are dropped.
  std::size_t max_unread_bytes = 128 * 1024 * 1024;
  // Time limits: of a connection between requests, of a whole header and a whole body however slowly they
  // drip in, and of a reader that takes nothing, or less than 1 KiB a second.
  int idle_timeout_ms = 75'000;
  int header_timeout_ms = 10'000;
  int body_timeout_ms = 30'000;
  int write_timeout_ms = 30'000;
  int deadline_ms = 120'000;  // of a request without X-Request-Timeout
  int beat_ms = 1'000;        // between signs of life in a stream
  // While draining: how long new connections are still taken after readiness went off, and how long what is
  // at work may take.
  int drain_delay_ms = 0;
  int drain_timeout_ms = 30'000;
  TlsOptions tls = {};
  int hsts_s = 0;           // with TLS: how long browsers hold the name to HTTPS (RFC 6797); 0: not said
  bool access_log = false;  // a line for each request
};

// What the health routes say of the process.
struct Lifecycle {
  std::atomic<bool> ready{false};
  std::atomic<bool> draining{false};
};

class HttpServer {
 public:
  // Binds and listens. The references must outlive the server, as must `gate` and `tracer`, which may be
  // null; `router` has no new routes from now on. Throws Unavailable where the address cannot be had, or a
  // certificate not be used.
  HttpServer(const HttpOptions& options, const Router& router, Workers& workers, HttpMetrics& metrics,
             observe::Logger& logger, Lifecycle& lifecycle, Gatekeeper* gate = nullptr,
             observe::Tracer* tracer = nullptr);
  ~HttpServer();  // hurries, and waits

  std::uint16_t port() const;
  // The certificate in use; empty without TLS.
  Tls tls() const;
  // For connections from now on. REQUIRES: TLS was wanted when the server was made. Throws Unavailable as
  // make_tls(), and the old certificate stays.
  void set_tls(const TlsOptions& options);

  // Serves on threads of its own, and turns readiness on.
  void start();

  // SIGTERM and SIGINT drain; a second one hurries.
  void drain_on_signals();

  // Readiness goes off, then new connections are refused, then what is at work ends. Returns at once.
  void drain();
  // As drain(), without patience.
  void hurry();
  // Until drain() is called, here or by a signal.
  void wait_for_drain();
  // Until all is drained and every thread has ended. REQUIRES: start(), one caller.
  void wait();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace odordiff::server
