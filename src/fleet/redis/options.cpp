#include "fleet/redis/options.h"

#include <charconv>
#include <optional>

#include "base/error.h"
#include "base/numbers.h"

namespace odordiff::fleet::redis {
namespace {

// The URL may hold a password, so no message quotes it as a whole.
[[noreturn]] void wrong(const std::string& what) {
  throw InvalidInput("the Redis URL is wrong: " + what);
}

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    unsigned value = 0;
    const auto digits = text.substr(i + 1, 2);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (digits.size() != 2 || error != std::errc{} || end != digits.data() + 2) {
      wrong("a % is followed by two hexadecimal digits; a % itself is written %25");
    }
    out += static_cast<char>(value);
    i += 2;
  }
  return out;
}

int number(std::string_view text, const std::string& what, int low, int high) {
  const auto value = number_in<int>(text);
  if (!value || *value < low || *value > high) {
    wrong(what + " is a whole number from " + std::to_string(low) + " to " + std::to_string(high) + ", not " +
          quote_for_message(std::string(text)));
  }
  return *value;
}

// What stands before `separator`, which goes too.
std::string_view cut(std::string_view& rest, char separator) {
  const auto at = rest.find(separator);
  const auto part = rest.substr(0, at);
  rest = at == std::string_view::npos ? std::string_view{} : rest.substr(at + 1);
  return part;
}

Address parse_address(std::string_view text, std::uint16_t standard_port) {
  Address out{{}, standard_port};
  std::string_view port;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) wrong("an IPv6 address stands in brackets: [::1]:6379");
    out.host = text.substr(1, end - 1);
    port = text.substr(end + 1);
    if (!port.empty() && port.front() != ':') wrong("after ] comes :port");
  } else {
    const auto colon = text.find(':');
    out.host = text.substr(0, colon);
    port = colon == std::string_view::npos ? std::string_view{} : text.substr(colon);
  }
  if (out.host.empty()) wrong("a host is missing: host:port");
  if (!port.empty()) out.port = static_cast<std::uint16_t>(number(port.substr(1), "the port", 1, 65535));
  return out;
}

void set_parameter(Options& options, std::string_view name, const std::string& value) {
  using std::chrono::milliseconds;
  const auto tls = [&](std::string& field) {
    if (!options.tls.wanted) wrong(std::string(name) + " is for TLS: begin with rediss://");
    field = value;
  };
  constexpr int kMostMs = 3'600'000;
  if (name == "ca") return tls(options.tls.ca_file);
  if (name == "cert") return tls(options.tls.certificate_file);
  if (name == "key") return tls(options.tls.key_file);
  if (name == "server_name") return tls(options.tls.server_name);
  if (name == "sentinel_user") {
    options.sentinel_user = value;
  } else if (name == "sentinel_password") {
    options.sentinel_password = value;
  } else if (name == "connect_timeout_ms") {
    options.connect_timeout = milliseconds(number(value, "connect_timeout_ms", 1, kMostMs));
  } else if (name == "command_timeout_ms") {
    options.command_timeout = milliseconds(number(value, "command_timeout_ms", 1, kMostMs));
  } else if (name == "connections") {
    options.connections = static_cast<std::size_t>(number(value, "connections", 1, 64));
  } else {
    wrong("the parameter " + quote_for_message(std::string(name)) +
          " is unknown; known are ca, cert, key, server_name, sentinel_user, sentinel_password, "
          "connect_timeout_ms, command_timeout_ms, connections");
  }
}

void read_scheme(Options& options, std::string_view& rest) {
  const auto at = rest.find("://");
  if (at == std::string_view::npos) wrong("it begins with redis://, as in redis://localhost:6379/0");
  std::string_view scheme = rest.substr(0, at);
  const std::string whole(scheme);
  rest.remove_prefix(at + 3);
  if (scheme.starts_with("rediss")) {
    options.tls.wanted = true;
    scheme.remove_prefix(6);
  } else if (scheme.starts_with("redis")) {
    scheme.remove_prefix(5);
  } else {
    scheme = "?";
  }
  if (scheme == "+sentinel") {
    options.mode = Mode::Sentinel;
  } else if (scheme == "+cluster") {
    options.mode = Mode::Cluster;
  } else if (!scheme.empty()) {
    wrong("it begins with redis://, rediss://, redis+sentinel:// or redis+cluster://, not " +
          quote_for_message(whole));
  }
}

void read_path(Options& options, std::string_view path) {
  if (options.mode == Mode::Sentinel) {
    options.master_name = decoded(cut(path, '/'));
    if (options.master_name.empty()) {
      wrong("for sentinels the master's name follows: redis+sentinel://host:26379/mymaster");
    }
  }
  if (path.empty()) return;
  options.database = number(path, "the database", 0, 1'000'000);
  if (options.mode == Mode::Cluster && options.database != 0) wrong("a cluster has database 0 only");
}

}  // namespace

std::string Address::text() const {
  const bool brackets = host.find(':') != std::string::npos;
  return (brackets ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Options parse_url(std::string_view url) {
  Options options;
  std::string_view rest = url;
  read_scheme(options, rest);
  std::string_view before_query = cut(rest, '?');
  std::string_view parameters = rest;
  const auto slash = before_query.find('/');
  std::string_view authority = before_query.substr(0, slash);
  const std::string_view path =
      slash == std::string_view::npos ? std::string_view{} : before_query.substr(slash + 1);
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    std::string_view secret = authority.substr(0, at);
    authority.remove_prefix(at + 1);
    const bool has_password = secret.find(':') != std::string_view::npos;
    options.user = decoded(cut(secret, ':'));
    options.password = decoded(secret);
    if (!has_password)
      wrong("a user needs a password: redis://user:password@host; or :password@ for no user");
  }
  const std::uint16_t standard_port = options.mode == Mode::Sentinel ? 26379 : 6379;
  if (authority.empty()) wrong("a host is missing: redis://host:6379");
  while (!authority.empty()) {
    options.addresses.push_back(parse_address(cut(authority, ','), standard_port));
  }
  if (options.mode == Mode::Standalone && options.addresses.size() > 1) {
    wrong("several hosts are for redis+sentinel:// or redis+cluster://");
  }
  read_path(options, path);
  while (!parameters.empty()) {
    std::string_view value = cut(parameters, '&');
    const std::string_view name = cut(value, '=');
    set_parameter(options, name, decoded(value));
  }
  if (options.tls.certificate_file.empty() != options.tls.key_file.empty()) {
    wrong("a client's certificate and its key go together: give both cert and key");
  }
  return options;
}

std::string shown_url(const Options& options) {
  std::string out = options.tls.wanted ? "rediss" : "redis";
  if (options.mode == Mode::Sentinel) out += "+sentinel";
  if (options.mode == Mode::Cluster) out += "+cluster";
  out += "://";
  if (!options.password.empty()) out += options.user + ":***@";
  for (std::size_t i = 0; i < options.addresses.size(); ++i) {
    if (i > 0) out += ',';
    out += options.addresses[i].text();
  }
  if (options.mode == Mode::Sentinel) out += "/" + options.master_name;
  if (options.mode != Mode::Cluster) out += "/" + std::to_string(options.database);
  return out;
}

}  // namespace odordiff::fleet::redis
