#include "serve_options.h"

#include <sys/resource.h>

#include "base/error.h"
#include "model_option.h"
#include "server/gate/gate_policy.h"
#include "server/warm_up.h"

namespace odordiff::apps {
namespace {

// Beside connections: the model, databases, Redis, workers' pipes.
constexpr rlim_t kOtherFiles = 256;

int milliseconds(double seconds) {
  return static_cast<int>(seconds * 1000);
}

server::TlsOptions tls_options(const server::ServeConfig& config) {
  if (config.tls_certificate.empty() != config.tls_key.empty()) {
    throw InvalidInput("a certificate and its key go together: give both --tls-cert and --tls-key");
  }
  if (config.tls_self_signed && !config.tls_certificate.empty()) {
    throw InvalidInput("--tls-self-signed makes up a certificate: leave out --tls-cert and --tls-key, or it");
  }
  if (!config.tls_client_ca.empty() && config.tls_certificate.empty() && !config.tls_self_signed) {
    throw InvalidInput(
        "--tls-client-ca asks clients for certificates by TLS: give --tls-cert and --tls-key too");
  }
  return {config.tls_certificate, config.tls_key, config.tls_client_ca, config.tls_self_signed};
}

}  // namespace

server::HttpOptions http_options(const server::ServeConfig& config) {
  server::HttpOptions http;
  http.host = config.host;
  http.port = static_cast<std::uint16_t>(config.port);
  http.io_threads = config.io_threads;
  http.max_connections = config.max_connections;
  http.max_body_bytes = static_cast<std::size_t>(config.max_body_kb) * 1024;
  http.idle_timeout_ms = milliseconds(config.idle_timeout_s);
  http.deadline_ms = milliseconds(config.deadline_s);
  http.drain_delay_ms = milliseconds(config.drain_delay_s);
  http.drain_timeout_ms = milliseconds(config.drain_timeout_s);
  http.access_log = config.access_log;
  http.tls = tls_options(config);
  // Browsers hold a name to HTTPS for that long, which is not for certificates that nobody trusts.
  if (!http.tls.self_signed) http.hsts_s = config.hsts_s;
  return http;
}

void check_serve_config(const server::ServeConfig& config) {
  (void)server::make_gate_policy(config);
  const auto tls = http_options(config).tls;
  if (tls.wanted() && !tls.self_signed) (void)server::make_tls(tls);
  if (!config.warm_up_file.empty()) (void)server::read_warm_up(config.warm_up_file);
  (void)open_model(config.model);
}

void allow_connections(const server::ServeConfig& config, observe::Logger& logger) {
  const rlim_t wanted = static_cast<rlim_t>(config.max_connections) + kOtherFiles;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) return;
  limit.rlim_cur = limit.rlim_max == RLIM_INFINITY ? wanted : std::min(wanted, limit.rlim_max);
  if (::setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= wanted) return;
  logger.log(
      observe::Level::Warning,
      "fewer files may be open than connections are allowed; raise the limit (ulimit -n, LimitNOFILE)",
      {{"max_connections", config.max_connections}, {"open_files", limit.rlim_cur}, {"needed", wanted}});
}

}  // namespace odordiff::apps
