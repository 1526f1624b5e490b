#include "server/webhook_url.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace odordiff::server {
namespace {

namespace ip = boost::asio::ip;

bool is_host_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
}

// What may stand in a path and query as it is (RFC 3986), the percent sign with it.
bool is_target_char(char c) {
  return is_host_char(c) ||
         (c != '\0' && std::string_view("_~!$&'()*+,;=:@/?%").find(c) != std::string_view::npos);
}

struct Block {
  std::uint32_t base;
  int bits;
};
// The special-purpose IPv4 addresses of IANA's registry (RFC 6890), multicast and what is reserved.
constexpr std::array kNotPublic = {
    Block{0x00000000, 8},  Block{0x0A000000, 8},  Block{0x64400000, 10}, Block{0x7F000000, 8},
    Block{0xA9FE0000, 16}, Block{0xAC100000, 12}, Block{0xC0000000, 24}, Block{0xC0000200, 24},
    Block{0xC0586300, 24}, Block{0xC0A80000, 16}, Block{0xC6120000, 15}, Block{0xC6336400, 24},
    Block{0xCB007100, 24}, Block{0xE0000000, 4},  Block{0xF0000000, 4},
};

bool is_public_v4(std::uint32_t address) {
  return std::none_of(kNotPublic.begin(), kNotPublic.end(), [address](const Block& block) {
    return ((address ^ block.base) >> static_cast<unsigned>(32 - block.bits)) == 0;
  });
}

std::uint32_t four_bytes(const ip::address_v6::bytes_type& bytes, std::size_t at) {
  return (std::uint32_t{bytes[at]} << 24U) | (std::uint32_t{bytes[at + 1]} << 16U) |
         (std::uint32_t{bytes[at + 2]} << 8U) | bytes[at + 3];
}

}  // namespace

std::optional<WebhookUrl> parse_webhook_url(const std::string& url) {
  WebhookUrl out;
  std::string_view rest = url;
  if (rest.size() > kMostUrlChars) return std::nullopt;
  out.secure = rest.starts_with("https://");
  if (!out.secure && !rest.starts_with("http://")) return std::nullopt;
  rest.remove_prefix(out.secure ? 8 : 7);
  const std::size_t host_end = std::min(rest.find_first_of(":/?"), rest.size());
  out.host = rest.substr(0, host_end);
  rest.remove_prefix(host_end);
  if (out.host.empty() || out.host.size() > 253) return std::nullopt;
  if (!std::all_of(out.host.begin(), out.host.end(), is_host_char)) return std::nullopt;
  out.port = out.secure ? 443 : 80;
  if (rest.starts_with(':')) {
    rest.remove_prefix(1);
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), out.port);
    if (error != std::errc() || out.port == 0) return std::nullopt;
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  }
  if (!rest.empty() && rest.front() != '/' && rest.front() != '?') return std::nullopt;
  if (!std::all_of(rest.begin(), rest.end(), is_target_char)) return std::nullopt;
  out.target = rest.starts_with('/') ? std::string(rest) : fmt::format("/{}", rest);
  return out;
}

bool is_public(const ip::address& address) {
  if (address.is_v4()) return is_public_v4(address.to_v4().to_uint());
  const auto bytes = address.to_v6().to_bytes();
  if (address.to_v6().is_v4_mapped()) return is_public_v4(four_bytes(bytes, 12));
  const std::uint32_t head = four_bytes(bytes, 0);
  if (head == 0x0064FF9B) return is_public_v4(four_bytes(bytes, 12));          // NAT64
  if ((head >> 16U) == 0x2002) return is_public_v4(four_bytes(bytes, 2));      // 6to4
  if (head == 0x20010DB8 || (head >> 9U) == (0x20010000 >> 9U)) return false;  // documentation, protocols
  return (head >> 29U) == 1;                                                   // 2000::/3
}

}  // namespace odordiff::server
