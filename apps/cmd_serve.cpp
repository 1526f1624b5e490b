// `odordiff serve`: the whole product over HTTP.
#include <fmt/format.h>

#include <future>
#include <memory>
#include <mutex>

#include "base/error.h"
#include "base/stand_back.h"
#include "cli_tree.h"
#include "commands.h"
#include "fleet/celery/broker_url.h"
#include "fleet/celery/hand_over.h"
#include "fleet/shared_cache.h"
#include "fleet/shared_limits.h"
#include "hangup.h"
#include "heap.h"
#include "interrupt.h"
#include "jobs_database.h"
#include "model_option.h"
#include "observe/process.h"
#include "serve_flags.h"
#include "serve_options.h"
#include "server/edge_purge.h"
#include "server/gate/front_gate.h"
#include "server/gate/key_admin.h"
#include "server/gate/usage.h"
#include "server/job_service.h"
#include "server/service.h"
#include "server/trace_exporter.h"
#include "server/warm_up.h"
#include "text_io.h"

namespace odordiff::apps {
namespace {

constexpr std::size_t kHotListed = 200;

void drop_old(server::AuditLog* audit, observe::Logger& logger) {
  if (audit == nullptr) return;
  try {
    (void)audit->drop_old();
  } catch (const std::exception& error) {
    logger.log(observe::Level::Error, "old audit lines could not be deleted", {{"error", error.what()}});
  }
}

std::string url(const server::HttpOptions& http, int port) {
  const char* scheme = http.tls.wanted() ? "https" : "http";
  return http.host.find(':') == std::string::npos ? fmt::format("{}://{}:{}", scheme, http.host, port)
                                                  : fmt::format("{}://[{}]:{}", scheme, http.host, port);
}

std::unique_ptr<server::EdgePurge> edge_of(const server::ServeConfig& config) {
  const auto kind = server::edge_kind_named(config.edge_kind);
  if (!kind) return nullptr;
  if (config.edge_url.empty()) throw InvalidInput("--edge-kind says how; say where too: --edge-url");
  return std::make_unique<server::EdgePurge>(
      server::EdgePurge::Options{.kind = *kind, .url = config.edge_url, .token = config.edge_token});
}

// Workers of Celery, by way of their broker.
struct Broker {
  Broker(const fleet::redis::Options& redis, const model::Identity& identity, observe::Registry& registry,
         observe::Logger& logger)
      : client(redis, nullptr, &logger), hand_over(client, {.identity = identity}, registry) {}
  fleet::redis::Client client;
  fleet::HandOver hand_over;
};

// Null without a broker. It need not be up.
std::unique_ptr<Broker> open_broker(const server::ServeConfig& config, const model::Identity& identity,
                                    observe::Registry& registry, observe::Logger& logger) {
  if (config.broker_url.empty()) return nullptr;
  const auto redis = fleet::parse_broker_url(config.broker_url, config.broker_master);
  logger.log(observe::Level::Info, "jobs are handed over to workers",
             {{"broker", fleet::redis::shown_url(redis)}});
  return std::make_unique<Broker>(redis, identity, registry, logger);
}

// Null: there are none.
std::unique_ptr<server::JobService> open_jobs(const server::ServeConfig& config,
                                              const server::Service& service, jobs::Queue::WeightOf weight_of,
                                              observe::Registry& registry, observe::Logger& logger) {
  const auto database = jobs_database(config.jobs_db);
  if (!database) return nullptr;
  server::JobService::Options jobs{*database,
                                   service.elsewhere ? config.broker_prompts : config.job_threads,
                                   config.job_instance,
                                   config.jobs_max_open,
                                   config.jobs_keep_days * std::int64_t{86'400'000},
                                   service.elsewhere,
                                   {},
                                   std::move(weight_of)};
  if (!config.webhook_secret.empty()) {
    jobs.webhooks = server::WebhookSender::Options{.secret = config.webhook_secret,
                                                   .allow_private = config.webhooks_to_private};
  }
  try {
    return std::make_unique<server::JobService>(jobs, service, registry, logger);
  } catch (const Unavailable& error) {
    throw Unavailable(std::string(error.what()) + "; give another --jobs-db FILE, or --jobs-db none");
  }
}

// What is to be asked for before users do: the list of common briefs, and what the last process wrote.
std::vector<server::WarmUpRequest> warm_up_list(const server::ServeConfig& config) {
  std::vector<server::WarmUpRequest> list;
  if (!config.warm_up_file.empty()) list = server::read_warm_up(config.warm_up_file);
  if (!config.hot_list_file.empty() && std::filesystem::exists(config.hot_list_file)) {
    const auto hot = server::read_warm_up(config.hot_list_file);
    list.insert(list.end(), hot.begin(), hot.end());
  }
  return list;
}

void write_hot_list(const server::ServeConfig& config, const server::AnswerCache& cache,
                    observe::Logger& logger) {
  if (config.hot_list_file.empty()) return;
  try {
    server::write_warm_up(config.hot_list_file, cache.hottest(kHotListed));
  } catch (const Unavailable& error) {
    logger.log(observe::Level::Error, "the list of what was asked most was not kept",
               {{"error", error.what()}});
  }
}

cache::Lifetime answer_life(const server::ServeConfig& config) {
  cache::Lifetime life = cache::Options{}.life;
  life.fresh_ms = static_cast<std::int64_t>(config.cache_ttl_s * 1000);
  return life;
}

// Null without Redis. It need not be up.
std::shared_ptr<fleet::redis::Client> open_redis(const server::ServeConfig& config,
                                                 observe::Registry& registry, observe::Logger& logger) {
  fleet::redis::Options redis;
  if (!config.redis_url.empty()) {
    redis = fleet::redis::parse_url(config.redis_url);
  } else if (!config.redis_host.empty()) {
    redis.addresses = {{config.redis_host, static_cast<std::uint16_t>(config.redis_port)}};
  } else {
    return nullptr;
  }
  logger.log(observe::Level::Info, "answers and limits are shared by Redis",
             {{"redis", fleet::redis::shown_url(redis)}});
  return std::make_shared<fleet::redis::Client>(std::move(redis), &registry, &logger);
}

std::shared_ptr<fleet::SharedCache> open_shared_cache(const server::ServeConfig& config,
                                                      const std::shared_ptr<fleet::redis::Client>& redis,
                                                      const std::string& model, observe::Registry& registry) {
  if (!redis) return nullptr;
  fleet::SharedCacheOptions options;
  options.model = model;
  options.call_timeout = std::chrono::milliseconds(config.redis_timeout_ms);
  return std::make_shared<fleet::SharedCache>(redis, std::move(options), &registry);
}

observe::Level least_level(const server::ServeConfig& config) {
  return observe::level_named(config.log_level).value_or(observe::Level::Info);
}

void say_it_is_open(const server::ServeConfig& config, observe::Logger& logger) {
  logger.log(observe::Level::Warning, "no authentication: whoever reaches the address may use it",
             {{"host", config.host}});
}

// Null without a file.
std::unique_ptr<server::AuditLog> open_audit(const server::ServeConfig& config, const std::string& made_by,
                                             observe::Logger& logger) {
  if (config.audit_file.empty()) return nullptr;
  server::AuditOptions options{config.audit_file, config.audit_keep_days, made_by};
  auto audit = std::make_unique<server::AuditLog>(std::move(options), logger);
  drop_old(audit.get(), logger);
  return audit;
}

// Null without a collector.
std::unique_ptr<server::TraceExporter> export_traces(const server::ServeConfig& config,
                                                     observe::Tracer& tracer, observe::Registry& registry,
                                                     observe::Logger& logger) {
  if (config.otlp_endpoint.empty()) return nullptr;
  server::TraceExporter::Options options{.endpoint = config.otlp_endpoint, .version = ODORDIFF_VERSION};
  return std::make_unique<server::TraceExporter>(std::move(options), tracer, registry, logger);
}

// What SIGHUP changes.
struct Running {
  const server::Sources& sources;
  server::ServeConfig& config;
  observe::Logger& logger;
  observe::Registry& registry;
  server::AnswerCache& cache;
  server::FrontGate& gate;
  server::AuditLog* audit;  // null: there is none
  std::shared_ptr<const server::KeyWatch> watch;
  server::HttpServer& serving;
  std::mutex& reloading;  // one at a time
};

// When the certificate ends, for alerts.
void note_certificate(server::HttpServer& serving, observe::Registry& registry) {
  registry
      .gauge("odordiff_tls_certificate_not_after_seconds",
             "When the certificate in use expires, in seconds since 1970.")
      .set(static_cast<double>(serving.tls().not_after_s));
}

// The files may hold a renewed certificate although their names are the old ones.
void reload_certificate(const Running& running, const server::ServeConfig& fresh) {
  const auto tls = http_options(fresh).tls;
  if (!tls.wanted() || tls.self_signed) return;
  const std::string before = running.serving.tls().fingerprint;
  try {
    running.serving.set_tls(tls);
  } catch (const Unavailable& error) {
    running.logger.log(observe::Level::Error, "the certificate was not taken; the old one stays",
                       {{"error", error.what()}});
    return;
  }
  const auto now = running.serving.tls();
  note_certificate(running.serving, running.registry);
  if (now.fingerprint == before) return;
  running.logger.log(observe::Level::Info, "certificate read again",
                     {{"sha256", now.fingerprint}, {"not_after", observe::utc_text(now.not_after_s * 1000)}});
}

// What SIGHUP asks for. A configuration that is wrong changes nothing; the audit log, which may have been
// moved away, is opened anew in any case, and a damaged certificate or keys of tokens leave the old ones in
// place.
void reload(const Running& running) {
  const std::lock_guard lock(running.reloading);
  try {
    if (running.audit != nullptr) running.audit->reopen();
    std::vector<std::string> restart;
    auto fresh = server::reloaded(running.config, server::load_config(running.sources).config, &restart);
    if (fresh.tls_certificate.empty() != running.config.tls_certificate.empty()) {
      restart.emplace_back("tls.certificate");  // another kind of port
      fresh.tls_certificate = running.config.tls_certificate;
      fresh.tls_key = running.config.tls_key;
      fresh.tls_client_ca = running.config.tls_client_ca;
    }
    auto policy = server::make_gate_policy(fresh, running.watch, running.gate.policy().get());
    reload_certificate(running, fresh);
    if (running.audit != nullptr) running.audit->set_keep_days(fresh.audit_keep_days);
    if (policy.is_open()) say_it_is_open(running.config, running.logger);
    running.gate.set_policy(std::move(policy));
    running.config = fresh;
    running.logger.set_least(least_level(fresh));
    running.cache.set_life(answer_life(fresh));
    running.logger.log(observe::Level::Info, "configuration read again", {{"needs_restart", restart}});
  } catch (const std::exception& error) {
    running.logger.log(observe::Level::Error, "the configuration is wrong; nothing was changed",
                       {{"error", error.what()}});
  }
}

// The keys alone, after one was revoked. Throws where they cannot be taken.
void reload_keys(const Running& running) {
  const std::lock_guard lock(running.reloading);
  running.gate.set_policy(
      server::make_gate_policy(running.config, running.watch, running.gate.policy().get()));
  running.logger.log(observe::Level::Info, "keys read again", {{"file", running.config.keys_file}});
}

// Where a subject leaves something behind. Null: there is none of it.
struct Traces {
  server::AuditLog* audit;
  server::JobService* jobs;
  fleet::HandOver* workers;
  server::AnswerCache& cache;
  fleet::SharedCache* shared;
  server::EdgePurge* edge;
  std::string hot_list_file;  // empty: none is kept
};

std::vector<std::string> prompts_of(jobs::Store& store, const std::string& subject) {
  constexpr int kPage = 100;
  std::vector<std::string> out;
  std::optional<std::string> cursor = "";
  while (cursor) {
    const auto page = store.list(subject, *cursor, kPage);
    for (const auto& job : page.jobs) {
      for (auto& prompt : store.prompts(job.id)) out.push_back(std::move(prompt));
    }
    cursor = page.next;
  }
  return out;
}

// What may fail, since it is on another machine, comes first: then nothing is erased that a repetition needs.
void add_erasers(server::Service& service, const Traces& in) {
  // Nothing tells whose an answer in the caches is, and so all of them go.
  service.erasers.emplace_back([in](const auto&, auto& erased) {
    std::uint64_t count = in.cache.purge_all();
    if (in.shared != nullptr) count += in.shared->erase_all();
    if (in.edge != nullptr) (void)in.edge->purge({});
    if (std::filesystem::exists(in.hot_list_file)) server::write_warm_up(in.hot_list_file, {});
    erased["cached_answers"] = count;
  });
  if (in.jobs != nullptr) {
    // All of the subject's jobs go; those that had not ended are counted.
    service.erasers.emplace_back([in](const auto& subject, auto& erased) {
      std::vector<std::string> prompts;
      if (in.workers != nullptr) {
        prompts = prompts_of(in.jobs->store(), subject);
        erased["broker_messages"] = in.workers->forget(prompts);
      }
      erased["open_jobs"] = in.jobs->runner().erase_owner(subject);
      if (in.workers == nullptr) return;
      try {  // what was sent meanwhile
        (void)in.workers->forget(prompts);
      } catch (const Unavailable&) {
      }
    });
  }
  if (in.audit != nullptr) {
    service.erasers.emplace_back(
        [in](const auto& subject, auto& erased) { erased["audit_lines"] = in.audit->erase(subject); });
  }
}

void run(const server::Sources& sources) {
  block_hangup();
  server::ServeConfig config = server::load_config(sources).config;

  observe::Logger logger(least_level(config), observe::to_stderr());
  observe::Registry registry;
  const auto watch = std::make_shared<const server::KeyWatch>(registry, logger);
  auto policy = server::make_gate_policy(config, watch);
  const bool open = policy.is_open();
  auto warm = warm_up_list(config);
  const generate::PipelineOptions model_options{find_model(config.model),
                                                nn::parse_precision(config.precision), config.threads};
  // Loaded by a thread whose sampler threads stand back behind those that talk to clients.
  const auto loaded = std::async(std::launch::async, [&model_options] {
                        stand_back();
                        return std::make_unique<const generate::Pipeline>(model_options);
                      }).get();
  const generate::Pipeline& pipeline = *loaded;

  observe::register_process(registry);
  server::PipelineMetrics work(registry, pipeline);
  server::Lifecycle lifecycle;
  server::Workers workers({config.workers, config.max_queue, config.max_wait_s}, registry);
  const auto redis = open_redis(config, registry, logger);
  const auto shared = open_shared_cache(config, redis, pipeline.identity().digest, registry);
  server::AnswerCache cache({.max_items = static_cast<std::size_t>(config.cache_items),
                             .max_bytes = static_cast<std::size_t>(config.cache_mb) << 20U,
                             .life = answer_life(config),
                             .tier = shared},
                            workers, registry, pipeline.identity());
  std::shared_ptr<void> told;
  if (shared) {
    told =
        shared->tell({[&](const std::string& tag) { cache.forget_tag(tag); }, [&] { cache.forget_all(); }});
  }
  server::Service service{pipeline, registry, workers, lifecycle, work, cache};
  service.version = ODORDIFF_VERSION;
  service.profiling = config.enable_profiling;
  service.heap_profile = heap_profile;
  service.shared_cache = shared.get();
  const auto edge = edge_of(config);
  service.edge = edge.get();
  const auto broker = open_broker(config, pipeline.identity(), registry, logger);
  if (broker) {
    service.elsewhere = [&broker](const std::string& prompt, const std::atomic<bool>& cancel) {
      return broker->hand_over.run(prompt, cancel);
    };
  }
  const server::FrontGate* weighing = nullptr;  // there when the first prompt is weighed
  const auto jobs = open_jobs(
      config, service,
      [&weighing](const std::string& owner) { return weighing->policy()->keys.weight_of(owner); }, registry,
      logger);
  service.jobs = jobs.get();
  std::optional<fleet::SharedLimits> limits;
  if (redis) limits.emplace(redis);
  server::Usage usage(
      limits ? &*limits : nullptr, registry,
      jobs ? [&jobs] { return jobs->runner().jobs_by_owner(); } : server::Usage::JobsByOwner());
  service.usage = &usage;
  const auto audit = open_audit(config, pipeline.identity().digest, logger);
  add_erasers(service, {audit.get(), jobs.get(), broker ? &broker->hand_over : nullptr, cache, shared.get(),
                        edge.get(), config.hot_list_file});
  const server::Router router = server::make_router(service);
  server::HttpMetrics metrics(registry, router);
  service.http = &metrics;

  server::FrontGate gate(router, std::move(policy), audit.get(), usage, registry);
  weighing = &gate;

  observe::Tracer tracer;
  const auto exporter = export_traces(config, tracer, registry, logger);
  const server::HttpOptions http = http_options(config);
  allow_connections(config, logger);
  server::HttpServer serving(http, router, workers, metrics, logger, lifecycle, &gate,
                             exporter ? &tracer : nullptr);
  std::mutex reloading;
  const Running running{sources, config,      logger, registry, cache,
                        gate,    audit.get(), watch,  serving,  reloading};
  server::KeyAdmin keys(
      config.keys_file, [&] { return gate.policy(); }, [&] { reload_keys(running); });
  if (!config.keys_file.empty()) service.keys = &keys;
  serving.drain_on_signals();
  throw_if_interrupted();  // by what came before that
  if (jobs) jobs->start();
  serving.start();
  std::string ready = fmt::format("odordiff {} ready on {} with model {}\n", ODORDIFF_VERSION,
                                  url(http, serving.port()), pipeline.identity().name);
  if (http.tls.self_signed) {
    ready += fmt::format("certificate for development, SHA-256 {}\n", serving.tls().fingerprint);
  }
  try {
    write_stdout(ready);
  } catch (const Unavailable&) {
    logger.log(observe::Level::Info, "ready, and nobody reads it", {{"url", url(http, serving.port())}});
  }
  if (http.tls.wanted()) note_certificate(serving, registry);
  server::warm_up(std::move(warm), router, logger);
  if (open) say_it_is_open(config, logger);
  const HeapKeeper keeper;
  const HangupListener listener([&] { reload(running); }, [&] { drop_old(audit.get(), logger); });
  serving.wait_for_drain();
  if (jobs) jobs->drain();
  serving.wait();
  if (jobs) jobs->stop();
  write_hot_list(config, cache, logger);
}

}  // namespace

void add_serve(CLI::App& root) {
  auto sources = std::make_shared<server::Sources>();
  auto* app = root.add_subcommand("serve");
  describe_command(
      *app, "odordiff serve --port 8000", "Serves the API over HTTP until it is told to stop.",
      "Prints one line when it is ready. SIGTERM or Ctrl-C lets what is at work finish; a second one does "
      "not wait. The API is described at /openapi.json and in docs/server.md, the configuration in "
      "docs/configuration.md; SIGHUP reads it again.");
  add_serve_flags(*app, *sources);
  app->callback([sources] { run(*sources); });
}

}  // namespace odordiff::apps
