// The bytes of one client's connection, over TCP or over TLS: one type, so that what stands on it is written
// once.
#pragma once

#include <utility>  // Boost 1.74's awaitable.hpp forgets it

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/websocket/teardown.hpp>
#include <optional>
#include <string>

namespace odordiff::server {

namespace asio = boost::asio;

// An asynchronous stream as Asio and Beast know it. Used on its socket's executor only.
class Transport {
 public:
  using ErrorCode = boost::system::error_code;
  using executor_type = asio::ip::tcp::socket::executor_type;

  // `tls`: null for plain TCP.
  Transport(asio::ip::tcp::socket socket, asio::ssl::context* tls) : socket_(std::move(socket)) {
    if (tls != nullptr) tls_.emplace(socket_, *tls);
  }
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  executor_type get_executor() { return socket_.get_executor(); }

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
  // Before anything else. False where the client speaks no TLS that is taken here.
  asio::awaitable<bool> shake_hands();
  // Says that nothing follows.
  asio::awaitable<void> end_sending();
  // What is under way ends with operation_aborted; the connection stands.
  void cancel();
  void close();

 private:
  asio::ip::tcp::socket socket_;
  std::optional<asio::ssl::stream<asio::ip::tcp::socket&>> tls_;
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
