#include "server/http_server.h"

#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <condition_variable>
#include <csignal>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/error.h"
#include "server/connection.h"

namespace odordiff::server {
namespace {

using tcp = asio::ip::tcp;
using ErrorCode = boost::system::error_code;

constexpr std::chrono::milliseconds kAcceptPause{50};  // when descriptors ran out
constexpr std::chrono::seconds kFlush{2};              // for last answers, once their work was ended

}  // namespace

struct HttpServer::Impl {
  Impl(const HttpOptions& given, const Router& router, Workers& workers, HttpMetrics& metrics,
       observe::Logger& logger, Lifecycle& lifecycle, Gatekeeper* gate, observe::Tracer* tracer)
      : options(given),
        tls(options.tls.wanted() ? make_tls(options.tls) : Tls{}),
        context{options,           router,     workers,      metrics,           logger, lifecycle,
                stream_compressor, body_bytes, unread_bytes, tls.context.get(), gate,   tracer},
        loops(make_loops(options.io_threads)),
        acceptor(*loops.front()),
        signals(*loops.front()) {
    try {
      const tcp::endpoint endpoint(asio::ip::make_address(options.host), options.port);
      acceptor.open(endpoint.protocol());
      acceptor.set_option(tcp::acceptor::reuse_address(true));
      acceptor.bind(endpoint);
      acceptor.listen(1024);
      port = acceptor.local_endpoint().port();
    } catch (const boost::system::system_error& error) {
      throw Unavailable("cannot listen on " + options.host + " port " + std::to_string(options.port) + ": " +
                        error.code().message() + "; give another --host (an address) or --port");
    }
  }

  using Loops = std::vector<std::unique_ptr<asio::io_context>>;
  static Loops make_loops(int threads) {
    Loops out;
    for (int i = 0; i < threads; ++i) out.push_back(std::make_unique<asio::io_context>(1));
    return out;
  }

  // Connections go to the loops in turn, and stay there.
  Awaitable<void> accept() {
    Timer pause(loops.front()->get_executor());
    while (acceptor.is_open()) {
      ErrorCode error;
      asio::io_context& loop = *loops[next_loop++ % loops.size()];
      TcpSocket socket =
          co_await acceptor.async_accept(loop.get_executor(), asio::redirect_error(use_awaitable, error));
      if (error == asio::error::operation_aborted || error == asio::error::bad_descriptor) co_return;
      if (error) {
        pause.expires_after(kAcceptPause);
        co_await pause.async_wait(asio::redirect_error(use_awaitable, error));
        continue;
      }
      admit(std::move(socket));
    }
  }

  void admit(TcpSocket socket) {
    auto& metrics = context.metrics;
    metrics.connections_total.add();
    const std::lock_guard lock(mutex);
    if (static_cast<int>(connections.size()) >= options.max_connections) {
      metrics.connections_refused.add();
      static const std::string kFull =
          "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: "
          "close\r\n\r\n";
      ErrorCode ignored;
      if (options.tls.wanted()) return;  // not worth a handshake
      socket.non_blocking(true, ignored);
      socket.write_some(asio::buffer(kFull), ignored);
      socket.shutdown(TcpSocket::shutdown_send, ignored);
      return;
    }
    const std::uint64_t key = next_key++;
    const auto connection = std::make_shared<Connection>(std::move(socket), context);
    connections.emplace(key, connection);
    metrics.connections.add(1);
    connection->start([this, key] {
      context.metrics.connections.add(-1);
      const std::lock_guard inner(mutex);
      connections.erase(key);
      changed.notify_all();
    });
  }

  template <typename F>
  void for_each_connection(F&& act) {
    std::vector<std::shared_ptr<Connection>> alive;
    {
      const std::lock_guard lock(mutex);
      for (const auto& [key, connection] : connections) {
        if (auto held = connection.lock()) alive.push_back(std::move(held));
      }
    }
    for (const auto& connection : alive) act(*connection);
  }

  bool wait_for_connections(std::chrono::milliseconds patience, bool until_hurried) {
    std::unique_lock lock(mutex);
    changed.wait_for(lock, patience, [&] { return connections.empty() || (until_hurried && hurried); });
    return connections.empty();
  }

  const HttpOptions options;
  Tls tls;  // guarded by mutex once connections come, as context.tls
  StreamCompressor stream_compressor;
  std::atomic<std::size_t> body_bytes{0}, unread_bytes{0};
  ConnectionContext context;
  Loops loops;
  std::size_t next_loop = 0;
  asio::basic_socket_acceptor<tcp, Executor> acceptor;
  asio::signal_set signals;
  std::uint16_t port = 0;
  std::vector<std::thread> threads;
  std::mutex mutex;
  std::condition_variable changed;
  std::map<std::uint64_t, std::weak_ptr<Connection>> connections;
  std::uint64_t next_key = 0;
  bool draining = false, hurried = false;
};

HttpServer::HttpServer(const HttpOptions& options, const Router& router, Workers& workers,
                       HttpMetrics& metrics, observe::Logger& logger, Lifecycle& lifecycle, Gatekeeper* gate,
                       observe::Tracer* tracer)
    : impl_(std::make_unique<Impl>(options, router, workers, metrics, logger, lifecycle, gate, tracer)) {}

HttpServer::~HttpServer() {
  if (impl_->threads.empty()) return;
  hurry();
  wait();
}

std::uint16_t HttpServer::port() const {
  return impl_->port;
}

Tls HttpServer::tls() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->tls;
}

void HttpServer::set_tls(const TlsOptions& options) {
  Tls fresh = make_tls(options);
  const std::lock_guard lock(impl_->mutex);
  impl_->tls = std::move(fresh);
  impl_->context.tls = impl_->tls.context.get();
}

void HttpServer::start() {
  asio::co_spawn(impl_->loops.front()->get_executor(), impl_->accept(), asio::detached);
  for (const auto& loop : impl_->loops) {
    impl_->threads.emplace_back([&loop, work = asio::make_work_guard(*loop)] { loop->run(); });
  }
  impl_->context.lifecycle.ready.store(true);
}

void HttpServer::drain_on_signals() {
  impl_->signals.add(SIGTERM);
  impl_->signals.add(SIGINT);
  impl_->signals.async_wait([this](const ErrorCode& error, int) {
    if (error) return;
    drain();
    impl_->signals.async_wait([this](const ErrorCode& again, int) {
      if (!again) hurry();
    });
  });
}

void HttpServer::drain() {
  impl_->context.lifecycle.ready.store(false);
  const std::lock_guard lock(impl_->mutex);
  impl_->draining = true;
  impl_->changed.notify_all();
}

void HttpServer::hurry() {
  drain();
  const std::lock_guard lock(impl_->mutex);
  impl_->hurried = true;
  impl_->changed.notify_all();
}

void HttpServer::wait_for_drain() {
  std::unique_lock lock(impl_->mutex);
  impl_->changed.wait(lock, [&] { return impl_->draining; });
}

void HttpServer::wait() {
  Impl& impl = *impl_;
  wait_for_drain();
  {
    std::unique_lock lock(impl.mutex);
    impl.changed.wait_for(lock, std::chrono::milliseconds(impl.options.drain_delay_ms),
                          [&] { return impl.hurried; });
  }
  impl.context.logger.log(observe::Level::Info, "draining");
  impl.context.lifecycle.draining.store(true);
  asio::post(*impl.loops.front(), [&impl] {
    ErrorCode ignored;
    impl.acceptor.close(ignored);
  });
  impl.for_each_connection([](Connection& connection) { connection.drain(); });
  const bool clean =
      impl.wait_for_connections(std::chrono::milliseconds(impl.options.drain_timeout_ms), true);
  if (!clean) impl.for_each_connection([](Connection& connection) { connection.end_work(); });
  impl.context.workers.stop();  // ends what is still at work; its callers hear so
  if (!clean && !impl.wait_for_connections(kFlush, false)) {
    impl.for_each_connection([](Connection& connection) { connection.abort(); });
    (void)impl.wait_for_connections(kFlush, false);
  }
  for (const auto& loop : impl.loops) loop->stop();
  for (auto& thread : impl.threads) thread.join();
  impl.threads.clear();
  impl.context.logger.log(observe::Level::Info, "stopped", {{"clean", clean}});
}

}  // namespace odordiff::server
