// The bytes of one client's connection, over TCP or over TLS: one type, so that what stands on it is written
// once.
#pragma once

#include <utility>  // Boost 1.74's awaitable.hpp forgets it

#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/websocket/teardown.hpp>
#include <chrono>
#include <optional>
#include <string>

namespace odordiff::server {

namespace asio = boost::asio;

// Connections live on a loop of one thread each, so none needs a strand; and the executor is named, since
// Asio's any_io_executor costs allocations in each operation.
using Executor = asio::io_context::executor_type;
template <typename T>
using Awaitable = asio::awaitable<T, Executor>;
inline constexpr asio::use_awaitable_t<Executor> use_awaitable{};
using TcpSocket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;

// An asynchronous stream as Asio and Beast know it. Used on its socket's executor only.
class Transport {
 public:
  using ErrorCode = boost::system::error_code;
  using executor_type = Executor;

  // `tls`: null for plain TCP.
  Transport(TcpSocket socket, asio::ssl::context* tls) : socket_(std::move(socket)) {
    if (tls != nullptr) tls_.emplace(socket_, *tls);
  }
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  executor_type get_executor() { return socket_.get_executor(); }

  // Writes what can go without waiting: most answers do, and are spared a turn of the loop. 0 where nothing
  // can, also where that is an error: the asynchronous write then meets it.
  std::size_t write_now(const std::array<asio::const_buffer, 2>& buffers);

  template <typename Buffers, typename Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return asio::async_initiate<Token, void(ErrorCode, std::size_t)>(
        [this](auto handler, const Buffers& into) {
          if (tls_) {
            tls_->async_read_some(into, std::move(handler));
          } else {
            socket_.async_read_some(into, std::move(handler));
          }
        },
        token, buffers);
  }

  template <typename Buffers, typename Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return asio::async_initiate<Token, void(ErrorCode, std::size_t)>(
        [this](auto handler, const Buffers& from) {
          if (tls_) {
            tls_->async_write_some(from, std::move(handler));
          } else {
            socket_.async_write_some(from, std::move(handler));
          }
        },
        token, buffers);
  }

  // The client's; empty where it is gone already.
  std::string peer_address() const;
  std::string local_address() const;
  // Before anything else. False where the client speaks no TLS that is taken here.
  Awaitable<bool> shake_hands();
  // Says that nothing follows.
  Awaitable<void> end_sending();
  // What is under way ends with operation_aborted; the connection stands.
  void cancel();
  void close();

 private:
  TcpSocket socket_;
  std::optional<asio::ssl::stream<TcpSocket&>> tls_;
};

// How Beast's WebSocket ends what it stands on. Once close frames were exchanged that is left to the
// connection, which lingers; what did not answer in time is closed.
inline void beast_close_socket(Transport& transport) {
  transport.close();
}
inline void teardown(boost::beast::role_type /*role*/, Transport& /*transport*/,
                     Transport::ErrorCode& error) {
  error = {};
}
template <typename Handler>
void async_teardown(boost::beast::role_type /*role*/, Transport& transport, Handler&& handler) {
  asio::post(transport.get_executor(),
             boost::beast::bind_front_handler(std::forward<Handler>(handler), Transport::ErrorCode()));
}

}  // namespace odordiff::server
