#include "server/gate/client_address.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/numbers.h"
#include "server/http.h"

namespace odordiff::server {
namespace {

constexpr std::array<unsigned char, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool is_in(const std::vector<AddressRange>& ranges, const Address& address) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [&](const auto& range) { return range.contains(address); });
}

}  // namespace

std::optional<Address> Address::parse(std::string_view text) {
  if (text.size() > 45) return std::nullopt;
  const std::string whole(text);
  Address out;
  if (text.find(':') != std::string_view::npos)
    return inet_pton(AF_INET6, whole.c_str(), out.bytes_.data()) == 1 ? std::optional(out) : std::nullopt;
  std::copy(kMapped.begin(), kMapped.end(), out.bytes_.begin());
  return inet_pton(AF_INET, whole.c_str(), out.bytes_.data() + kMapped.size()) == 1 ? std::optional(out)
                                                                                    : std::nullopt;
}

bool Address::is_v4() const {
  return std::equal(kMapped.begin(), kMapped.end(), bytes_.begin());
}

std::string Address::text() const {
  if (is_v4()) {  // each request has one: not by inet_ntop, which goes through printf
    std::string out;
    for (std::size_t i = kMapped.size(); i < bytes_.size(); ++i) {
      const fmt::format_int number(bytes_[i]);
      if (!out.empty()) out += '.';
      out.append(number.data(), number.size());
    }
    return out;
  }
  std::array<char, INET6_ADDRSTRLEN> out{};
  inet_ntop(AF_INET6, bytes_.data(), out.data(), out.size());
  return out.data();
}

std::string Address::site() const {
  if (is_v4()) return text();
  Address network = *this;
  std::fill(network.bytes_.begin() + 8, network.bytes_.end(), static_cast<unsigned char>(0));
  return network.text();
}

std::optional<AddressRange> AddressRange::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto first = Address::parse(text.substr(0, slash));
  if (!first) return std::nullopt;
  AddressRange out;
  out.first_ = *first;
  if (slash == std::string_view::npos) return out;
  const int most = text.find(':') == std::string_view::npos ? 32 : 128;
  const auto bits = number_in<int>(text.substr(slash + 1));
  if (!bits || *bits < 0 || *bits > most) return std::nullopt;
  out.bits_ = *bits + 128 - most;
  return out;
}

bool AddressRange::contains(const Address& address) const {
  const auto whole = static_cast<std::size_t>(bits_ / 8);
  if (!std::equal(first_.bytes_.begin(), first_.bytes_.begin() + static_cast<std::ptrdiff_t>(whole),
                  address.bytes_.begin())) {
    return false;
  }
  const unsigned rest = static_cast<unsigned>(bits_ % 8);
  return rest == 0 || ((first_.bytes_[whole] ^ address.bytes_[whole]) >> (8U - rest)) == 0;
}

std::optional<Address> client_address(const Request& request, std::string_view peer,
                                      const std::vector<AddressRange>& trusted) {
  auto address = Address::parse(peer);
  if (!address || trusted.empty() || !is_in(trusted, *address)) return address;
  std::string hops;
  for (const auto& [name, value] : request.headers) {
    if (!equal_ignoring_case(name, "x-forwarded-for")) continue;
    if (!hops.empty()) hops += ',';
    hops += value;
  }
  // Each proxy adds behind what it was told, so only what trusted ones added can be believed.
  std::string_view rest = hops;
  while (!rest.empty()) {
    const std::size_t comma = rest.rfind(',');
    const auto hop = Address::parse(trimmed(comma == std::string_view::npos ? rest : rest.substr(comma + 1)));
    if (!hop) break;
    address = hop;
    if (!is_in(trusted, *address) || comma == std::string_view::npos) break;
    rest = rest.substr(0, comma);
  }
  return address;
}

}  // namespace odordiff::server
