// What the parts of one client share. All of them run on its one thread; nothing here is for other threads
// but what says so.
#pragma once

#include <utility>  // before Asio's coroutines, which want std::exchange

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/rng.h"
#include "fleet/redis/client.h"

namespace odordiff::fleet::redis {

namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;
using Clock = std::chrono::steady_clock;

// Null pointers where nobody counts.
struct ClientMetrics {
  explicit ClientMetrics(observe::Registry* registry);

  observe::Counter* ok = nullptr;
  observe::Counter* refused = nullptr;      // the server's word
  observe::Counter* late = nullptr;         // not in time
  observe::Counter* unavailable = nullptr;  // no connection, or lost with it
  observe::Histogram* seconds = nullptr;
  observe::Gauge* connections = nullptr;
  observe::Counter* reconnects = nullptr;
  observe::Counter* failovers = nullptr;
  observe::Gauge* breakers_open = nullptr;
};

struct Core {
  Core(Options given, observe::Registry* registry, observe::Logger* given_logger);

  void log(observe::Level level, const char* message, const std::string& server,
           const std::string& detail = {}) const;
  // Runs `work` on this thread after `delay`.
  void after(std::chrono::milliseconds delay, std::function<void()> work);
  double chance() { return random.uniform(); }

  asio::io_context io{1};
  const Options options;
  std::optional<asio::ssl::context> tls;
  ClientMetrics metrics;
  observe::Logger* logger;
  Rng random;
  bool stopping = false;
  std::string trouble;  // what went wrong last with a connection; empty while they are well
  std::size_t connections = 0;
  std::uint64_t reconnects = 0, failovers = 0;
};

// What an exception says.
std::string message_of(const std::exception_ptr& error);

}  // namespace odordiff::fleet::redis
