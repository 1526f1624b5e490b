// By which names a server may be asked. A page of another site can give itself our address (DNS rebinding),
// but the browser then still names that site in Host, and in Origin.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace odordiff::server {

// What is wrong with `name` as an entry of the list; empty: nothing. Right are a name ("studio.example.com"),
// all names below one ("*.example.com"), an address ("192.168.1.5"), and "*" for any; no scheme, no port.
std::string host_name_fault(const std::string& name);

// Without the port: "studio.example.com:8000" is "studio.example.com", "[::1]:8000" is "::1". Empty
// for what is no host with a port behind it.
std::string_view host_without_port(std::string_view authority);

// Whether `host`, without its port, is of this machine alone: localhost, or a loopback address.
bool is_loopback_host(std::string_view host);

// Whether `host`, without its port, stands in the list.
bool is_listed_host(std::string_view host, const std::vector<std::string>& listed);

}  // namespace odordiff::server
