// How to reach Redis, and how long to wait for it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace odordiff::fleet::redis {

struct Address {
  std::string host;
  std::uint16_t port = 6379;

  // "host:port", "[::1]:port".
  std::string text() const;
  bool operator==(const Address& other) const = default;
};

enum class Mode { Standalone, Sentinel, Cluster };

struct TlsOptions {
  bool wanted = false;
  std::string ca_file;                     // PEM; empty: those that the system trusts
  std::string certificate_file, key_file;  // PEM, ours; empty: none
  std::string server_name;                 // that the certificate must carry; empty: the host
};

struct Options {
  Mode mode = Mode::Standalone;
  std::vector<Address> addresses;  // the server; the sentinels; some nodes of the cluster
  std::string master_name;         // for sentinels
  std::string user, password;      // empty user: "default"; empty password: none is sent
  std::string sentinel_user, sentinel_password;
  int database = 0;
  TlsOptions tls;
  std::string client_name = "odordiff";

  std::chrono::milliseconds connect_timeout{1000};  // name look-up, TCP, TLS and greeting together
  std::chrono::milliseconds command_timeout{1000};  // where a call gives none; also: a silent server is left
  std::chrono::milliseconds health_interval{30'000};      // a resting connection is asked whether it lives
  std::size_t connections = 2;                            // shared, to each server
  std::size_t max_blocking = 50;                          // connections for commands that wait, all together
  std::size_t max_waiting = 10'000;                       // commands that wait for a connection
  std::size_t max_unsent_bytes = std::size_t{64} << 20U;  // of one connection
  int breaker_failures = 5;                               // in a row, and calls fail at once
  std::chrono::milliseconds retry_first{50},
      retry_most{1000};  // between attempts to connect; doubles, jittered
};

// Reads
//     redis://[[user]:password@]host[:port][/database]           one server
//     redis+sentinel://host:port,host:port/master-name[/database]
//     redis+cluster://host:port,host:port
// each with `rediss` instead of `redis` for TLS, and with ?name=value&… of: ca, cert, key, server_name (TLS);
// sentinel_user, sentinel_password; connect_timeout_ms, command_timeout_ms; connections. User and password
// may be percent-encoded. Throws InvalidInput that says what would be right and does not show the password.
Options parse_url(std::string_view url);

// The URL of these options without secrets: "redis://user:***@host:6379/0".
std::string shown_url(const Options& options);

}  // namespace odordiff::fleet::redis
