// Jobs over HTTP: accepted, followed, resumed, cancelled, told of.
#include <fmt/format.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <map>
#include <set>
#include <sstream>
#include <thread>

#include "running_api.h"
#include "server/webhook_url.h"

namespace odordiff::server {
namespace {

constexpr const char* kNdjson = "Accept: application/x-ndjson\r\n";

std::string submit(const Api& api, const std::string& body, std::string_view headers = {}) {
  const Answer answer = api.ask("POST", "/v1/batches", body, headers);
  EXPECT_EQ(answer.status, 202) << answer.body;
  const Json job = Json::parse(answer.body);
  EXPECT_EQ(answer.header("location"), "/v1/jobs/" + job["id"].get<std::string>());
  return job["id"];
}

std::vector<Json> events(const std::string& lines) {
  std::vector<Json> out;
  std::istringstream text(lines);
  for (std::string line; std::getline(text, line);) {
    if (!line.empty()) out.push_back(Json::parse(line));
  }
  return out;
}

// Follows the job to its end.
std::vector<Json> follow(const Api& api, const std::string& id, const std::string& headers = {}) {
  const Answer answer = api.ask("GET", "/v1/jobs/" + id + "/results", {}, kNdjson + headers);
  EXPECT_EQ(answer.status, 200) << answer.body;
  return events(answer.body);
}

std::vector<Json> of_kind(const std::vector<Json>& all, const std::string& kind) {
  std::vector<Json> out;
  for (const auto& event : all) {
    if (event["event"] == kind) out.push_back(event);
  }
  return out;
}

TEST(Jobs, ABatchIsAcceptedWorkedThroughAndKept) {
  const Api api;
  const std::string id = submit(api, R"({"briefs": ["rose", "lemon", "musk"], "count": 1, "seed": 7})");
  const auto all = follow(api, id);
  EXPECT_EQ(of_kind(all, "result").size(), 3U);
  EXPECT_EQ(all.back()["event"], "done");
  EXPECT_EQ(all.back()["data"]["status"], "finished");
  std::set<int> indices;
  std::string cursor;
  for (int pages = 0; pages < 3; ++pages) {
    const Json page =
        api.json("GET", "/v1/jobs/" + id + "/results?limit=1&cursor=" + (cursor.empty() ? "0" : cursor));
    ASSERT_EQ(page["results"].size(), 1U);
    EXPECT_EQ(page["complete"], pages == 2);
    indices.insert(page["results"][0]["index"].get<int>());
    EXPECT_EQ(page["results"][0]["answer"]["molecules"].size(), 1U);
    EXPECT_EQ(page["results"][0]["answer"]["seed"], 7);
    cursor = page["next"];
  }
  EXPECT_EQ(indices, (std::set<int>{0, 1, 2}));
  const Json job = api.json("GET", "/v1/jobs/" + id);
  EXPECT_EQ(job["status"], "finished");
  EXPECT_EQ(job["done"], 3);
  EXPECT_EQ(api.json("GET", "/v1/jobs")["jobs"][0]["id"], id);
}

TEST(Jobs, EarlierClientsFindWhatTheyKnow) {
  const Api api;
  const Answer accepted = api.ask("POST", "/generate/batch",
                                  R"({"prompts": ["rose", "lemon"], "num_molecules": 1, "priority": 9})");
  ASSERT_EQ(accepted.status, 202) << accepted.body;
  const std::string id = Json::parse(accepted.body)["job_id"];
  EXPECT_EQ(accepted.header("location"), "/jobs/" + id);
  (void)follow(api, id);
  const Json job = api.json("GET", "/jobs/" + id);
  EXPECT_EQ(job["status"], "finished");
  EXPECT_EQ(job["progress"], 1);
  EXPECT_EQ(job["priority"], 9);
  const Json results = api.json("GET", "/jobs/" + id + "/results")["results"];
  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(results[0]["prompt"], "rose");
  EXPECT_EQ(results[1]["prompt"], "lemon");
  EXPECT_EQ(results[0]["request_id"], id);
  EXPECT_EQ(results[0]["molecules"].size(), 1U);
}

TEST(Jobs, AStreamResumesBehindTheLastEventThatWasSeen) {
  const Api api;
  const std::string id = submit(api, R"({"briefs": ["rose", "lemon", "musk", "mint"], "count": 1})");
  const auto all = of_kind(follow(api, id), "result");
  ASSERT_EQ(all.size(), 4U);
  const auto rest = follow(api, id, "Last-Event-ID: " + std::to_string(all[1]["id"].get<int>()) + "\r\n");
  const auto resumed = of_kind(rest, "result");
  ASSERT_EQ(resumed.size(), 2U);
  EXPECT_EQ(resumed[0], all[2]);
  EXPECT_EQ(resumed[1], all[3]);
  const Answer sse = api.ask("GET", "/v1/jobs/" + id + "/results", {}, "Accept: text/event-stream\r\n");
  EXPECT_EQ(sse.header("content-type"), "text/event-stream");
  EXPECT_NE(sse.body.find(fmt::format("id: {}\nevent: result\ndata: {{", all[0]["id"].get<int>())),
            std::string::npos);
  EXPECT_NE(sse.body.find("\n\nevent: done\ndata: {"),
            std::string::npos);  // without an id: nothing to resume
}

TEST(Jobs, ABatchStreamResumesBehindThePromptsThatWereAnswered) {
  const Api api;
  const std::string body =
      R"({"prompts": ["rose", "lemon", "musk"], "num_molecules": 1, "stream_format": "json"})";
  const auto ask = [&](const std::string& headers) {
    return events(api.ask("POST", "/generate/batch/streaming", body, headers).body);
  };
  const auto all = of_kind(ask(""), "results");
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[1]["id"], 2);
  const auto rest = of_kind(ask("Last-Event-ID: 2\r\n"), "results");
  ASSERT_EQ(rest.size(), 1U);
  EXPECT_EQ(rest[0]["data"]["first"], 2);
  EXPECT_EQ(rest[0]["data"]["results"][0]["molecules"], all[2]["data"]["results"][0]["molecules"]);
  EXPECT_TRUE(of_kind(ask("Last-Event-ID: 3\r\n"), "results").empty());
}

TEST(Jobs, AStreamSaysHowFarTheJobIsThoughNothingHappens) {
  const Api api({.jobs_db = {}, .webhooks = {}, .runs_jobs = false});
  const std::string id = submit(api, R"({"briefs": ["rose"], "count": 1})");
  RawClient client(api.server->port());
  client.send(message("GET", "/v1/jobs/" + id + "/results", {}, "Accept: text/event-stream\r\n"));
  const std::string progress = "event: progress\ndata: {\"status\":\"queued\",\"done\":0,\"total\":1";
  for (int i = 0; i < 3; ++i) EXPECT_NE(client.read_to(progress).find(progress), std::string::npos);
  EXPECT_EQ(api.json("DELETE", "/v1/jobs/" + id)["status"], "cancelled");
  EXPECT_NE(client.read_to("event: done").find("event: done"), std::string::npos);
  EXPECT_NE(client.read_to("cancelled").find("cancelled"), std::string::npos);
}

TEST(Jobs, AShutdownEndsStreamsWithAMarkAndTheNextProcessGoesOn) {
  const jobs::Scratch scratch;
  std::string id;
  {
    Api api({.jobs_db = scratch / "kept.db", .webhooks = {}, .runs_jobs = false});
    id = submit(api, R"({"briefs": ["rose", "lemon"], "count": 1})");
    RawClient client(api.server->port());
    client.send(message("GET", "/v1/jobs/" + id + "/results", {}, kNdjson));
    (void)client.read_to("progress");
    api.job_service.drain();
    const std::string end = client.read_to("\"last_event_id\":\"\"");
    EXPECT_NE(end.find("\"resumable\":true"), std::string::npos) << end;
  }
  const Api api({.jobs_db = scratch / "kept.db"});
  EXPECT_EQ(of_kind(follow(api, id), "result").size(), 2U);
}

TEST(Jobs, TheSameKeyIsTheSameJob) {
  const Api api({.jobs_db = {}, .webhooks = {}, .runs_jobs = false});
  const std::string body = R"({"briefs": ["rose"], "count": 1})", key = "Idempotency-Key: a-1\r\n";
  const std::string first = submit(api, body, key);
  EXPECT_EQ(submit(api, body, key), first);
  EXPECT_NE(submit(api, body), first);
  const Answer other = api.ask("POST", "/v1/batches", R"({"briefs": ["lemon"]})", key);
  EXPECT_EQ(other.status, 409);
  EXPECT_EQ(Json::parse(other.body)["type"], "urn:odordiff:problem:idempotency-key-reused");
  EXPECT_EQ(api.ask("POST", "/v1/batches", body, "Idempotency-Key: two words\r\n").status, 400);
}

TEST(Jobs, APromptThatFailsLeavesTheOthers) {
  const Api api;
  // That this is no SMILES is found out at work.
  const std::string id = submit(api, R"({"briefs": ["rose"], "count": 1, "keep": "C1CC"})");
  const auto results = of_kind(follow(api, id), "result");
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(results[0]["data"]["failed"], true);
  EXPECT_EQ(results[0]["data"]["brief"], "rose");
  EXPECT_EQ(results[0]["data"]["error"]["kind"], "invalid_input");
}

TEST(Jobs, ListsComeInPages) {
  const Api api({.jobs_db = {}, .webhooks = {}, .runs_jobs = false});
  std::set<std::string> made, listed;
  for (int i = 0; i < 5; ++i) made.insert(submit(api, R"({"briefs": ["rose"]})"));
  std::string target = "/v1/jobs?limit=2";
  int pages = 0;
  while (true) {
    const Json page = api.json("GET", target);
    ++pages;
    for (const auto& job : page["jobs"]) listed.insert(job["id"].get<std::string>());
    if (page["next"].is_null()) break;
    target = "/v1/jobs?limit=2&cursor=" + page["next"].get<std::string>();
  }
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(listed, made);
}

TEST(Jobs, WhatIsWrongIsSaid) {
  const Api api({.jobs_db = {}, .webhooks = {}, .runs_jobs = false});
  const std::string nobody(32, '0');
  for (const char* path : {"/v1/jobs/", "/jobs/"}) EXPECT_EQ(api.ask("GET", path + nobody).status, 404);
  EXPECT_EQ(api.ask("DELETE", "/v1/jobs/" + nobody).status, 404);
  EXPECT_EQ(api.ask("GET", "/v1/jobs/" + nobody + "/results", {}, kNdjson).status, 404);
  EXPECT_EQ(api.ask("GET", "/v1/jobs?limit=0").status, 422);
  EXPECT_EQ(api.ask("GET", "/v1/jobs?limit=1&limit=2").status, 400);
  EXPECT_EQ(api.ask("GET", "/v1/jobs?page=2").status, 422);
  EXPECT_EQ(api.ask("GET", "/v1/jobs?cursor=abc").status, 422);
  const std::string id = submit(api, R"({"briefs": ["rose"]})");
  EXPECT_EQ(
      api.ask("GET", "/v1/jobs/" + id + "/results", {}, std::string(kNdjson) + "Last-Event-ID: x\r\n").status,
      400);
  const Answer webhook =
      api.ask("POST", "/v1/batches", R"({"briefs": ["rose"], "webhook": "http://example.com/"})");
  EXPECT_EQ(webhook.status, 403);
  EXPECT_NE(webhook.body.find("webhook secret"), std::string::npos);
}

TEST(Jobs, WithoutADatabaseTheRoutesSaySo) {
  observe::Registry registry;
  PipelineMetrics work(registry, pipeline());
  Lifecycle lifecycle;
  Workers workers({1, 2}, registry);
  AnswerCache cache({}, workers, registry);
  const Service service{pipeline(), registry, workers, lifecycle, work, cache};
  const RunningServer server(make_router(service));
  EXPECT_EQ(server.ask("POST", "/v1/batches", R"({"briefs": ["rose"]})").status, 503);
  EXPECT_EQ(server.ask("GET", "/v1/jobs").status, 503);
}

TEST(Jobs, ScaledRequestsSayWhereAndHowTheWorkWasDone) {
  const Api api;
  const std::string body = R"({"prompt": "rose", "num_molecules": 1, "use_distributed": true, "priority": 9)";
  const Json answer = api.json("POST", "/generate/scaled", body + R"(, "enable_profiling": true})");
  EXPECT_EQ(answer["molecules"].size(), 1U);
  EXPECT_EQ(answer["distributed"], false);
  EXPECT_NE(answer["distributed_note"].get<std::string>().find("this process"), std::string::npos);
  EXPECT_GT(answer["profiling"]["sample_ms"].get<double>(), 0);
  EXPECT_GE(answer["profiling"]["total_ms"].get<double>(), answer["profiling"]["pipeline_ms"].get<double>());
  const Answer stream = api.ask("POST", "/generate/scaled", body + R"(, "stream_results": true})");
  EXPECT_EQ(stream.header("content-type"), "text/event-stream");
  EXPECT_NE(stream.body.find("event: molecule\ndata: {\"rank\":1,\"smiles\""), std::string::npos);
  EXPECT_NE(stream.body.find("event: answer\n"), std::string::npos);
}

// Takes webhooks: refuses the first `refusals`, and keeps all.
struct Receiver {
  explicit Receiver(int refusals) {
    Router router;
    router.add({"POST", "/hook",
                [this, refusals](const Request& request) {
                  const std::lock_guard lock(mutex);
                  requests.push_back(request);
                  const bool refused = static_cast<int>(requests.size()) <= refusals;
                  return text_response(refused ? 500 : 204, "", "");
                },
                true});
    server = std::make_unique<RunningServer>(std::move(router));
  }
  std::string url() const { return fmt::format("http://127.0.0.1:{}/hook", server->port()); }
  std::size_t count() {
    const std::lock_guard lock(mutex);
    return requests.size();
  }
  std::mutex mutex;
  std::vector<Request> requests;
  std::unique_ptr<RunningServer> server;
};

WebhookSender::Options quick_webhooks() {
  WebhookSender::Options out;
  out.secret = "a secret of the tests";
  out.allow_private = true;
  out.first_retry_ms = 1;
  return out;
}

std::string with_webhook(const Receiver& receiver) {
  return fmt::format(R"({{"briefs": ["rose"], "count": 1, "webhook": "{}"}})", receiver.url());
}

Json wait_for_webhook(const Api& api, const std::string& id, const std::string& status) {
  while (true) {
    Json job = api.json("GET", "/v1/jobs/" + id);
    if (job["webhook"]["status"] == status) return job;
    std::this_thread::yield();
  }
}

TEST(Webhooks, AreSignedAndRepeatedUntilTheyAreTaken) {
  Receiver receiver(2);
  const Api api({.jobs_db = {}, .webhooks = quick_webhooks()});
  const std::string id = submit(api, with_webhook(receiver));
  EXPECT_EQ(wait_for_webhook(api, id, "delivered")["webhook"]["attempts"], 3);
  ASSERT_EQ(receiver.count(), 3U);
  for (const auto& request : receiver.requests) {
    EXPECT_EQ(request.header("webhook-id"), id);
    EXPECT_EQ(request.header("webhook-signature"),
              webhook_signature("a secret of the tests", id, std::string(request.header("webhook-timestamp")),
                                request.body));
    const Json body = Json::parse(request.body);
    EXPECT_EQ(body["type"], "job.finished");
    EXPECT_EQ(body["data"]["id"], id);
    EXPECT_EQ(body["data"]["done"], 1);
  }
}

TEST(Webhooks, SignaturesAreThoseOfTheSpecification) {
  // HMAC-SHA256 by `openssl dgst -sha256 -hmac key -binary | base64` over "id.1.{}".
  EXPECT_EQ(webhook_signature("key", "id", "1", "{}"), "v1,5PVmP2AfJGwnp9flV+flrzfukNWA9zyUdqvI+IQalVs=");
}

TEST(Webhooks, ARestartForgetsNone) {
  const jobs::Scratch scratch;
  Receiver receiver(0);
  std::string id;
  {
    const Api api({.jobs_db = scratch / "kept.db", .webhooks = quick_webhooks(), .runs_jobs = false});
    id = submit(api, with_webhook(receiver));
  }
  const Api api({.jobs_db = scratch / "kept.db", .webhooks = quick_webhooks()});
  (void)wait_for_webhook(api, id, "delivered");
  EXPECT_EQ(receiver.count(), 1U);
}

TEST(Webhooks, AreGivenUpInTheEnd) {
  Receiver receiver(1000);
  auto options = quick_webhooks();
  options.attempts = 2;
  const Api api({.jobs_db = {}, .webhooks = options});
  const std::string id = submit(api, with_webhook(receiver));
  EXPECT_EQ(wait_for_webhook(api, id, "given_up")["webhook"]["attempts"], 2);
}

// Takes connections and says nothing.
class Silent {
 public:
  Silent() : acceptor_(io_, {boost::asio::ip::make_address("127.0.0.1"), 0}) {}
  std::string hook(const std::string& path) const {
    return fmt::format(R"({{"briefs": ["rose"], "count": 1, "webhook": "http://127.0.0.1:{}/{}"}})",
                       acceptor_.local_endpoint().port(), path);
  }

 private:
  boost::asio::io_context io_;
  boost::asio::ip::tcp::acceptor acceptor_;
};

TEST(Webhooks, ASilentReceiverHoldsNobodyElsesBack) {
  Receiver receiver(0);
  const Silent silent;
  auto options = quick_webhooks();
  options.attempt_timeout_ms = 600'000;  // longer than the test
  const Api api({.jobs_db = {}, .webhooks = options});
  for (int i = 0; i < 40; ++i) (void)submit(api, silent.hook("hook" + std::to_string(i)));
  const std::string id = submit(api, with_webhook(receiver));
  EXPECT_EQ(wait_for_webhook(api, id, "delivered")["webhook"]["attempts"], 1);
}

TEST(Webhooks, GoToNoAddressOfOurs) {
  Receiver receiver(0);
  auto options = quick_webhooks();
  options.allow_private = false;
  options.attempts = 1;
  const Api api({.jobs_db = {}, .webhooks = options});
  EXPECT_EQ(api.ask("POST", "/v1/batches", with_webhook(receiver)).status, 403);
  const std::string name =
      fmt::format(R"({{"briefs": ["rose"], "count": 1, "webhook": "http://localhost:{}/hook"}})",
                  receiver.server->port());
  const std::string id = submit(api, name);  // what a name means is known only when it is looked up
  (void)wait_for_webhook(api, id, "given_up");
  EXPECT_EQ(receiver.count(), 0U);
}

TEST(Webhooks, UrlsAreHttpOfANamedHost) {
  const auto good = parse_webhook_url("https://example.com:8443/done?x=%20y");
  ASSERT_TRUE(good);
  EXPECT_TRUE(good->secure);
  EXPECT_EQ(good->host, "example.com");
  EXPECT_EQ(good->port, 8443);
  EXPECT_EQ(good->target, "/done?x=%20y");
  EXPECT_EQ(parse_webhook_url("http://example.com?x")->target, "/?x");
  for (const char* url :
       {"", "ftp://a/", "http://", "http://a:0/", "http://a:70000/", "http://a:b@c/", "http://a/ b",
        "http://a/#b", "http://a\r\nX: y/", "http://[::1]/", "//a/", "http://a:1x/"}) {
    EXPECT_FALSE(parse_webhook_url(url)) << url;
  }
}

TEST(Webhooks, AddressesThatAreNotPublicAreKnown) {
  const auto is = [](const char* text) { return is_public(boost::asio::ip::make_address(text)); };
  for (const char* text : {"8.8.8.8", "172.32.0.1", "192.169.0.1", "2606:4700::1111", "::ffff:8.8.8.8"}) {
    EXPECT_TRUE(is(text)) << text;
  }
  for (const char* text : {"127.0.0.1",
                           "10.1.2.3",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.168.1.1",
                           "169.254.169.254",
                           "100.64.0.1",
                           "0.0.0.0",
                           "224.0.0.1",
                           "255.255.255.255",
                           "198.18.0.1",
                           "::1",
                           "::",
                           "fe80::1",
                           "fc00::1",
                           "ff02::1",
                           "::ffff:127.0.0.1",
                           "64:ff9b::7f00:1",
                           "2002:7f00:1::",
                           "2001:db8::1",
                           "2001::1"}) {
    EXPECT_FALSE(is(text)) << text;
  }
}

}  // namespace
}  // namespace odordiff::server
