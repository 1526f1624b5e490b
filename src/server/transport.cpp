#include "server/transport.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace odordiff::server {

std::string Transport::peer_address() const {
  ErrorCode error;
  const auto peer = socket_.remote_endpoint(error);
  return error ? std::string() : peer.address().to_string();
}

asio::awaitable<bool> Transport::shake_hands() {
  ErrorCode error;
  socket_.set_option(asio::ip::tcp::no_delay(true), error);
  if (!tls_) co_return true;
  co_await tls_->async_handshake(asio::ssl::stream_base::server,
                                 asio::redirect_error(asio::use_awaitable, error));
  co_return !error;
}

asio::awaitable<void> Transport::end_sending() {
  ErrorCode error;
  if (tls_) co_await tls_->async_shutdown(asio::redirect_error(asio::use_awaitable, error));
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, error);
}

void Transport::cancel() {
  ErrorCode ignored;
  socket_.cancel(ignored);
}

void Transport::close() {
  ErrorCode ignored;
  socket_.close(ignored);
}

}  // namespace odordiff::server
