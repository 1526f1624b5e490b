#include "fleet/redis/core.h"

#include <random>

namespace odordiff::fleet::redis {
namespace {

std::optional<asio::ssl::context> make_tls(const TlsOptions& options) {
  if (!options.wanted) return std::nullopt;
  asio::ssl::context context(asio::ssl::context::tls_client);
  const auto use = [](const std::string& file, const char* what, auto&& load) {
    if (file.empty()) return;
    ErrorCode error;
    load(error);
    if (error) {
      throw Unavailable(std::string(what) + " " + quote_for_message(file, 200) +
                        " cannot be used, which shall be PEM: " + error.message());
    }
  };
  if (options.ca_file.empty()) context.set_default_verify_paths();
  use(options.ca_file, "the CA of Redis,",
      [&](ErrorCode& error) { (void)context.load_verify_file(options.ca_file, error); });
  use(options.certificate_file, "our certificate for Redis,",
      [&](ErrorCode& error) { (void)context.use_certificate_chain_file(options.certificate_file, error); });
  use(options.key_file, "our private key for Redis,", [&](ErrorCode& error) {
    (void)context.use_private_key_file(options.key_file, asio::ssl::context::pem, error);
  });
  return context;
}

}  // namespace

ClientMetrics::ClientMetrics(observe::Registry* registry) {
  if (registry == nullptr) return;
  const auto commands = [&](const char* result) {
    return &registry->counter("odordiff_redis_commands_total", "Commands to Redis, by what came of them.",
                              {{"result", result}});
  };
  ok = commands("ok");
  refused = commands("refused");
  late = commands("late");
  unavailable = commands("unavailable");
  static constexpr double kBounds[] = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                       0.025,  0.05,    0.1,    0.25,  0.5,    1,     5};
  seconds =
      &registry->histogram("odordiff_redis_command_seconds",
                           "Time from the call to its answer, of commands that were answered.", kBounds);
  connections = &registry->gauge("odordiff_redis_connections", "Open connections to Redis.");
  reconnects =
      &registry->counter("odordiff_redis_reconnects_total", "Connections that were lost and made anew.");
  failovers =
      &registry->counter("odordiff_redis_failovers_total", "Times that another server became the primary.");
  breakers_open = &registry->gauge("odordiff_redis_breakers_open",
                                   "Redis servers that are not asked for now, after failures in a row.");
}

Core::Core(Options given, observe::Registry* registry, observe::Logger* given_logger)
    : options(std::move(given)),
      tls(make_tls(options.tls)),
      metrics(registry),
      logger(given_logger),
      random(std::random_device{}(), 0) {}

void Core::log(observe::Level level, const char* message, const std::string& server,
               const std::string& detail) const {
  if (logger == nullptr) return;
  nlohmann::ordered_json fields = {{"server", server}};
  if (!detail.empty()) fields["error"] = detail;
  logger->log(level, message, fields);
}

void Core::after(std::chrono::milliseconds delay, std::function<void()> work) {
  auto timer = std::make_shared<asio::steady_timer>(io, delay);
  timer->async_wait([timer, work = std::move(work)](const ErrorCode& error) {
    if (!error) work();
  });
}

std::string message_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& known) {
    return known.what();
  } catch (...) {
    return "something unknown";
  }
}

}  // namespace odordiff::fleet::redis
