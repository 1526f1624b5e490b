// `odordiff serve`: the whole product over HTTP.
#include <fmt/format.h>

#include <memory>

#include "base/error.h"
#include "cli_tree.h"
#include "commands.h"
#include "jobs_database.h"
#include "model_path.h"
#include "observe/process.h"
#include "options.h"
#include "server/job_service.h"
#include "server/service.h"
#include "text_io.h"

namespace odordiff::apps {
namespace {

struct ServeOptions {
  server::HttpOptions http;
  server::Workers::Options workers{8, 64};
  int port = 8000;
  int max_body_kb = 1024, cache_items = 1000, cache_mb = 512;
  double idle_timeout_s = 75, deadline_s = 120, drain_delay_s = 0, drain_timeout_s = 30;
  std::string jobs_db, webhook_secret;
  int job_threads = 2;
  bool webhooks_to_private = false;
  std::string log_level = "info";
  std::string precision = "fp32";
  int threads = 0;
  std::string model;
};

observe::Level parse_level(const std::string& name) {
  for (const auto level : {observe::Level::Debug, observe::Level::Info, observe::Level::Warning}) {
    if (name == observe::to_string(level)) return level;
  }
  return observe::Level::Error;
}

int milliseconds(double seconds) {
  return static_cast<int>(seconds * 1000);
}

std::string url(const server::HttpOptions& http, int port) {
  const char* scheme = http.tls.wanted() ? "https" : "http";
  return http.host.find(':') == std::string::npos ? fmt::format("{}://{}:{}", scheme, http.host, port)
                                                  : fmt::format("{}://[{}]:{}", scheme, http.host, port);
}

// Null: there are none.
std::unique_ptr<server::JobService> open_jobs(const ServeOptions& options, const server::Service& service,
                                              observe::Registry& registry, observe::Logger& logger) {
  const auto database = jobs_database(options.jobs_db);
  if (!database) return nullptr;
  server::JobService::Options jobs{*database, options.job_threads};
  if (!options.webhook_secret.empty()) {
    jobs.webhooks = server::WebhookSender::Options{.secret = options.webhook_secret,
                                                   .allow_private = options.webhooks_to_private};
  }
  try {
    return std::make_unique<server::JobService>(jobs, service, registry, logger);
  } catch (const Unavailable& error) {
    throw Unavailable(std::string(error.what()) + "; give another --jobs-db FILE, or --jobs-db none");
  }
}

void run(ServeOptions options) {
  auto& http = options.http;
  http.port = static_cast<std::uint16_t>(options.port);
  http.max_body_bytes = static_cast<std::size_t>(options.max_body_kb) * 1024;
  http.idle_timeout_ms = milliseconds(options.idle_timeout_s);
  http.deadline_ms = milliseconds(options.deadline_s);
  http.drain_delay_ms = milliseconds(options.drain_delay_s);
  http.drain_timeout_ms = milliseconds(options.drain_timeout_s);

  const auto folder = find_model(options.model);
  require_whole_model(folder);
  const generate::Pipeline pipeline({folder, nn::parse_precision(options.precision), options.threads});

  observe::Logger logger(parse_level(options.log_level), observe::to_stderr());
  observe::Registry registry;
  observe::register_process(registry);
  server::PipelineMetrics work(registry, pipeline);
  server::Lifecycle lifecycle;
  server::Workers workers(options.workers, registry);
  server::AnswerCache cache({.max_items = static_cast<std::size_t>(options.cache_items),
                             .max_bytes = static_cast<std::size_t>(options.cache_mb) << 20U},
                            workers, registry);
  server::Service service{pipeline, registry, workers, lifecycle, work, cache};
  service.version = ODORDIFF_VERSION;
  const auto jobs = open_jobs(options, service, registry, logger);
  service.jobs = jobs.get();
  const server::Router router = server::make_router(service);
  server::HttpMetrics metrics(registry, router);
  service.http = &metrics;

  server::HttpServer serving(http, router, workers, metrics, logger, lifecycle);
  serving.drain_on_signals();
  if (jobs) jobs->start();
  serving.start();
  write_stdout(fmt::format("odordiff {} ready on {} with model {}\n", ODORDIFF_VERSION,
                           url(http, serving.port()), pipeline.model_name()));
  if (http.tls.self_signed) {
    write_stdout(fmt::format("certificate for development, SHA-256 {}\n", serving.tls_fingerprint()));
  }
  logger.log(observe::Level::Warning, "no authentication: whoever reaches the address may use it",
             {{"host", http.host}, {"port", serving.port()}});
  serving.wait_for_drain();
  if (jobs) jobs->drain();
  serving.wait();
  if (jobs) jobs->stop();
}

}  // namespace

void add_serve(CLI::App& root) {
  auto options = std::make_shared<ServeOptions>();
  auto* app = root.add_subcommand("serve");
  describe_command(
      *app, "odordiff serve --port 8000", "Serves the API over HTTP until it is told to stop.",
      "Prints one line when it is ready. SIGTERM or Ctrl-C lets what is at work finish; a second one does "
      "not wait. The API is described at /openapi.json and in docs/server.md.");
  app->add_option("--host", options->http.host,
                  "Address to listen on; beyond this machine only if you say so")
      ->type_name("ADDRESS")
      ->default_str(options->http.host);
  add_whole(*app, "--port", options->port, 0, 65535, "Port; 0: any that is free, printed")
      ->default_str("8000");
  auto* certificate = app->add_option("--tls-cert", options->http.tls.certificate,
                                      "Certificate, with its chain, in PEM: HTTPS, by TLS 1.3")
                          ->type_name("FILE");
  auto* key =
      app->add_option("--tls-key", options->http.tls.key, "Its private key, in PEM")->type_name("FILE");
  certificate->needs(key);
  key->needs(certificate);
  app->add_flag("--tls-self-signed", options->http.tls.self_signed,
                "HTTPS by a certificate made up for this run, for development; its fingerprint is printed")
      ->excludes(certificate);
  add_whole(*app, "--threads", options->threads, 0, 1024, "Threads of the network; 0: one a core")
      ->default_str("0");
  add_whole(*app, "--io-threads", options->http.io_threads, 1, 64, "Threads that read and write")
      ->default_str("1");
  add_whole(*app, "--workers", options->workers.threads, 1, 256, "Requests at work at a time")
      ->default_str("8");
  add_whole(*app, "--max-queue", options->workers.max_queue, 0, 1'000'000,
            "Requests that may wait for a worker")
      ->default_str("64");
  add_whole(*app, "--max-connections", options->http.max_connections, 1, 1'000'000, "Open connections")
      ->default_str("10000");
  add_whole(*app, "--max-body", options->max_body_kb, 1, 65536, "Largest body of a request, kB")
      ->default_str("1024");
  add_whole(*app, "--cache-items", options->cache_items, 1, 10'000'000, "Answers kept in memory")
      ->default_str("1000");
  add_whole(*app, "--cache-mb", options->cache_mb, 1, 1'000'000, "Memory for them, MB")->default_str("512");
  add_number(*app, "--idle-timeout", options->idle_timeout_s, 1, 3600, "Seconds a connection may rest")
      ->default_str("75");
  add_number(*app, "--deadline", options->deadline_s, 0.1, 3600,
             "Seconds a request may take without X-Request-Timeout")
      ->default_str("120");
  add_number(*app, "--drain-delay", options->drain_delay_s, 0, 300,
             "Seconds between the end of readiness and the end of accepting")
      ->default_str("0");
  add_number(*app, "--drain-timeout", options->drain_timeout_s, 0, 3600,
             "Seconds that work may take when told to stop")
      ->default_str("30");
  app->add_option(
         "--jobs-db", options->jobs_db,
         "Database of jobs; none: there are no jobs. Default: odordiff/jobs.db under $XDG_STATE_HOME or "
         "~/.local/state")
      ->type_name("FILE");
  add_whole(*app, "--job-threads", options->job_threads, 1, 64, "Prompts of jobs at work at a time")
      ->default_str("2");
  app->add_option("--webhook-secret", options->webhook_secret,
                  "Key of the webhooks' signatures; without one none are sent. In the environment it is not "
                  "seen by other users")
      ->type_name("TEXT")
      ->envname("ODORDIFF_WEBHOOK_SECRET");
  app->add_flag("--webhooks-to-private", options->webhooks_to_private,
                "Webhooks may go to loopback and private addresses");
  add_choice(*app, "--log-level", options->log_level, {"debug", "info", "warning", "error"},
             "Least level of the log");
  app->add_flag("--access-log", options->http.access_log, "Log each request");
  add_choice(*app, "--precision", options->precision, {"fp32", "bf16", "int8"}, "Arithmetic of the network");
  add_model_option(*app, options->model);
  app->callback([options] { run(*options); });
}

}  // namespace odordiff::apps
