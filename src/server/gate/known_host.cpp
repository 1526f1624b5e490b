#include "server/gate/known_host.h"

#include <algorithm>

#include "server/gate/client_address.h"
#include "server/http.h"

namespace odordiff::server {
namespace {

// Names may end in the dot of the root.
std::string_view without_root(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  return host;
}

bool ends_with_ignoring_case(std::string_view text, std::string_view end) {
  return text.size() > end.size() && equal_ignoring_case(text.substr(text.size() - end.size()), end);
}

}  // namespace

std::string host_name_fault(const std::string& name) {
  if (name == "*" || Address::parse(name)) return {};
  const std::string_view rest = std::string_view(name).substr(name.starts_with("*.") ? 2 : 0);
  const bool plain = std::all_of(rest.begin(), rest.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
  });
  return plain && !rest.empty() && rest.front() != '.'
             ? std::string()
             : "is no host; write its name or address without scheme and port, such as studio.example.com";
}

std::string_view host_without_port(std::string_view authority) {
  const bool is_bracketed = authority.starts_with('[');
  const std::size_t end = is_bracketed ? authority.find(']') : authority.find(':');
  if (end == std::string_view::npos) return is_bracketed ? "" : authority;
  std::string_view behind = authority.substr(is_bracketed ? end + 1 : end);
  if (!behind.empty() &&
      (behind.front() != ':' || behind.find_first_not_of("0123456789", 1) != std::string_view::npos)) {
    return {};
  }
  return is_bracketed ? authority.substr(1, end - 1) : authority.substr(0, end);
}

bool is_loopback_host(std::string_view host) {
  host = without_root(host);
  if (equal_ignoring_case(host, "localhost") || ends_with_ignoring_case(host, ".localhost")) return true;
  static const AddressRange v4 = *AddressRange::parse("127.0.0.0/8"), v6 = *AddressRange::parse("::1");
  const auto address = Address::parse(host);
  return address && (v4.contains(*address) || v6.contains(*address));
}

bool is_listed_host(std::string_view host, const std::vector<std::string>& listed) {
  host = without_root(host);
  return std::any_of(listed.begin(), listed.end(), [&](const std::string& entry) {
    if (entry == "*") return true;
    if (entry.starts_with("*.")) return ends_with_ignoring_case(host, std::string_view(entry).substr(1));
    return equal_ignoring_case(host, entry);
  });
}

}  // namespace odordiff::server
