// A TCP connection, with TLS or without, that Redis is spoken over. Handlers must keep alive what holds the
// stream.
#pragma once

#include "fleet/redis/core.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>

namespace odordiff::fleet::redis {

class Stream {
 public:
  using Handler = std::function<void(const ErrorCode& error, std::size_t bytes)>;

  explicit Stream(Core& core) : core_(core), resolver_(core.io), socket_(core.io) {}

  // Name look-up, TCP and TLS. `done` gets what went wrong, or nothing.
  void connect(const Address& address, std::function<void(std::string error)> done);
  void read_some(asio::mutable_buffer into, Handler handler);
  void write(asio::const_buffer bytes, Handler handler);
  void close();

  // Whether TCP stands, with TLS or without.
  bool reached() const { return reached_; }
  // What an error on a connection that stood means, whether or not the server had `greeted`.
  std::string trouble(const ErrorCode& error, bool greeted) const;

 private:
  using tcp = asio::ip::tcp;
  void reach(const std::vector<tcp::endpoint>& endpoints, std::function<void(std::string)> done);
  void begin_tls(std::function<void(std::string)> done);

  Core& core_;
  Address address_;
  tcp::resolver resolver_;
  tcp::socket socket_;
  std::vector<tcp::endpoint> endpoints_;
  bool reached_ = false;
  std::optional<asio::ssl::stream<tcp::socket&>> tls_;
};

}  // namespace odordiff::fleet::redis
