#include "server/transport.h"

#include <netinet/tcp.h>
#include <boost/asio/redirect_error.hpp>

namespace odordiff::server {
namespace {

constexpr int kUnsentInKernel = 128 * 1024;

using UnsentInKernel = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_NOTSENT_LOWAT>;

}  // namespace

std::string Transport::peer_address() const {
  ErrorCode error;
  const auto peer = socket_.remote_endpoint(error);
  return error ? std::string() : peer.address().to_string();
}

std::string Transport::local_address() const {
  ErrorCode error;
  const auto local = socket_.local_endpoint(error);
  return error ? std::string() : local.address().to_string();
}

std::size_t Transport::write_now(const std::array<asio::const_buffer, 2>& buffers) {
  if (tls_) return 0;
  ErrorCode error;
  const std::size_t written = socket_.write_some(buffers, error);
  return error ? 0 : written;
}

Awaitable<bool> Transport::shake_hands() {
  ErrorCode error;
  socket_.set_option(asio::ip::tcp::no_delay(true), error);
  // A slow reader's answer waits here and not in the kernel, and its progress is seen as it goes.
  socket_.set_option(UnsentInKernel(kUnsentInKernel), error);
  socket_.non_blocking(true, error);
  if (!tls_) co_return true;
  co_await tls_->async_handshake(asio::ssl::stream_base::server, asio::redirect_error(use_awaitable, error));
  co_return !error;
}

Awaitable<void> Transport::end_sending() {
  ErrorCode error;
  if (tls_) co_await tls_->async_shutdown(asio::redirect_error(use_awaitable, error));
  socket_.shutdown(TcpSocket::shutdown_send, error);
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
