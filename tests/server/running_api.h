// The whole API on the shipped model, with jobs in a folder of their own.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "../jobs/scratch.h"
#include "running_server.h"
#include "server/job_service.h"

namespace odordiff::server {

// One pipeline for all tests of a program; loading it is most of their time.
inline const generate::Pipeline& pipeline() {
  static const generate::Pipeline shared({ODORDIFF_MODEL_FOLDER, nn::Precision::F32, 2});
  return shared;
}

struct ApiOptions {
  std::filesystem::path jobs_db;  // empty: one of its own
  std::optional<WebhookSender::Options> webhooks = {};
  bool runs_jobs = true;  // false: they are taken, and nobody is at them
};

struct Api {
  explicit Api(const ApiOptions& given = {})
      : work(registry, pipeline()),
        workers({2, 8}, registry),
        cache({}, workers, registry),
        service{pipeline(), registry, workers, lifecycle, work, cache},
        logger(observe::Level::Warning, log.write()),
        job_service({.database = given.jobs_db.empty() ? scratch / "jobs.db" : given.jobs_db,
                     .webhooks = given.webhooks},
                    service, registry, logger),
        router(make_router(service)),
        metrics(registry, router) {
    service.http = &metrics;
    service.jobs = &job_service;
    service.version = "1.2.3";
    HttpOptions options;
    options.port = 0;
    options.beat_ms = 50;
    if (given.runs_jobs) job_service.start();
    server = std::make_unique<HttpServer>(options, router, workers, metrics, logger, lifecycle);
    server->start();
  }
  ~Api() { stop(); }

  // As the program stops.
  void stop() {
    if (!server) return;
    server->hurry();
    job_service.drain();
    server->wait();
    job_service.stop();
    server.reset();
  }

  Answer ask(std::string_view method, std::string_view target, std::string_view body = {},
             std::string_view headers = {}) const {
    RawClient client(server->port());
    client.send(message(method, target, body, headers));
    return client.answer(method == "HEAD");
  }
  Json json(std::string_view method, std::string_view target, std::string_view body = {}) const {
    const Answer answer = ask(method, target, body);
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.header("content-type"), "application/json");
    return Json::parse(answer.body);
  }

  jobs::Scratch scratch;
  KeptLog log;
  observe::Registry registry;
  PipelineMetrics work;
  Lifecycle lifecycle;
  Workers workers;
  AnswerCache cache;
  Service service;
  observe::Logger logger;
  JobService job_service;
  Router router;
  HttpMetrics metrics;
  std::unique_ptr<HttpServer> server;
};

}  // namespace odordiff::server
