// Where webhooks may go: the form of their URLs, and the addresses that are out of bounds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/ip/address.hpp>

namespace odordiff::server {

inline constexpr std::size_t kMostUrlChars = 2'000;

struct WebhookUrl {
  bool secure = false;  // https
  std::string host;     // a name or an IPv4 address
  std::uint16_t port = 0;
  std::string target;  // path and query
};

// Nothing for anything but http or https with a plain host: no user, no fragment, no IPv6 literal.
std::optional<WebhookUrl> parse_webhook_url(const std::string& url);

// Whether an address is one of the public internet's. What is ours alone (loopback, private, link-local,
// carrier-grade, documentation, multicast, and IPv6 that wraps such an IPv4) is not.
bool is_public(const boost::asio::ip::address& address);

}  // namespace odordiff::server
