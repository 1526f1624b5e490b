// From where a request comes, also behind proxies that are trusted to say so.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/http.h"

namespace odordiff::server {

// An IPv4 address is kept as the IPv6 address that stands for it (::ffff:a.b.c.d).
class Address {
 public:
  static std::optional<Address> parse(std::string_view text);
  std::string text() const;  // in the usual form of its kind
  // Who shares a limit: the address itself, of IPv6 the network of 64 bits that one site has.
  std::string site() const;

 private:
  friend class AddressRange;
  bool is_v4() const;
  std::array<unsigned char, 16> bytes_{};
};

// "10.0.0.0/8", "2001:db8::/32", or one address.
class AddressRange {
 public:
  static std::optional<AddressRange> parse(std::string_view text);
  bool contains(const Address& address) const;

 private:
  Address first_;
  int bits_ = 128;
};

// `peer`, or where that is in `trusted`, the last address in X-Forwarded-For that is not. Nothing for a peer
// that has no address.
std::optional<Address> client_address(const Request& request, std::string_view peer,
                                      const std::vector<AddressRange>& trusted);

}  // namespace odordiff::server
