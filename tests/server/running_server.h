// A real server on a loopback port, with routes that a test gives it, or with the whole API on the shipped
// model.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "raw_client.h"
#include "server/http_server.h"
#include "server/service.h"

namespace odordiff::server {

// A door that work waits at, so that tests say when it goes on.
class Gate {
 public:
  // Called by work: says that it is there, and waits until open() or, if given, until the call is ended.
  void pass(const Call* call = nullptr) {
    std::unique_lock lock(mutex_);
    ++arrived_;
    changed_.notify_all();
    while (!open_ && !(call != nullptr && call->ending() != Ending::None)) {
      changed_.wait_for(lock, std::chrono::milliseconds(5));
    }
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void wait_for_arrivals(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return arrived_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int arrived_ = 0;
  bool open_ = false;
};

// The log's lines, kept.
struct KeptLog {
  std::mutex mutex;
  std::vector<std::string> lines;
  observe::Logger::Write write() {
    return [this](std::string_view line) {
      const std::lock_guard lock(mutex);
      lines.emplace_back(line);
    };
  }
};

class RunningServer {
 public:
  RunningServer(Router router, HttpOptions options = {}, Workers::Options workers = {2, 4})
      : router_(std::move(router)),
        workers_(workers, registry_),
        metrics_(registry_, router_),
        logger_(observe::Level::Info, log.write()) {
    options.port = 0;
    server_ = std::make_unique<HttpServer>(options, router_, workers_, metrics_, logger_, lifecycle_);
    server_->start();
  }

  std::uint16_t port() const { return server_->port(); }
  HttpServer& server() { return *server_; }
  Workers& workers() { return workers_; }
  HttpMetrics& metrics() { return metrics_; }
  Lifecycle& lifecycle() { return lifecycle_; }

  // One request on a connection of its own.
  Answer ask(std::string_view method, std::string_view target, std::string_view body = {},
             std::string_view headers = {}) const {
    RawClient client(port());
    client.send(message(method, target, body, headers));
    return client.answer(method == "HEAD");
  }

  KeptLog log;

 private:
  observe::Registry registry_;
  Router router_;
  Workers workers_;
  HttpMetrics metrics_;
  observe::Logger logger_;
  Lifecycle lifecycle_;
  std::unique_ptr<HttpServer> server_;
};

}  // namespace odordiff::server
