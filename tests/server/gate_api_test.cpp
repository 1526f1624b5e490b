// The gate before a real server: who may come in, how often, from which pages, and what is left of it.
#include <gtest/gtest.h>

#include <set>

#include "gate_world.h"
#include "running_server.h"
#include "server/gate/front_gate.h"
#include "server/gate/route_access.h"

namespace odordiff::server {
namespace {

// Routes under names that the table of roles knows, without a model behind them.
Router routes() {
  Router router;
  const auto add = [&](const char* method, const char* path) {
    router.add({method, path, [](const Request& request) {
                  return text_response(
                      200, "text/plain",
                      request.subject + " " + to_string(request.role) + " " + request.address);
                }});
  };
  add("GET", "/health");
  add("GET", "/health/live");
  add("GET", "/openapi.json");
  add("GET", "/metrics");
  add("GET", "/stats");
  add("DELETE", "/v1/privacy/{subject}");
  add("GET", "/not-in-the-table");
  router.add({"POST", "/v1/generate",
              [](const Request& request) {
                return Streaming{Priority::Normal, EventStream::Form::ServerSentEvents,
                                 [subject = request.subject](Call&, EventStream& stream) {
                                   stream.send("who", Json(subject));
                                   return false;
                                 }};
              },
              true});
  return router;
}

struct GuardedApi {
  // With a key for each role, and tokens.
  explicit GuardedApi(ServeConfig given = {}) : GuardedApi(std::move(given), true) {}
  // Open to all.
  static std::unique_ptr<GuardedApi> open(ServeConfig given = {}) {
    given.hosts.emplace_back("test");  // as message() names it
    return std::unique_ptr<GuardedApi>(new GuardedApi(std::move(given), false));
  }
  GuardedApi(ServeConfig given, bool is_closed)
      : config(is_closed ? closed(std::move(given)) : std::move(given)),
        router(routes()),
        workers({2, 4}, registry),
        metrics(registry, router),
        logger(observe::Level::Info, log.write()),
        audit({folder.path("audit.jsonl")}, logger),
        usage(nullptr, registry),
        gate(router, make_gate_policy(config), &audit, usage, registry) {
    HttpOptions options;
    options.port = 0;
    options.access_log = true;
    server = std::make_unique<HttpServer>(options, router, workers, metrics, logger, lifecycle, &gate);
    server->start();
  }
  ServeConfig closed(ServeConfig given) const {
    std::string text;
    for (const auto& [role, key] : keys)
      text += api_key_entry(key, {.name = to_string(role), .sha256 = {}, .role = role});
    given.keys_file = folder.write("keys.toml", text);
    given.jwt_key_file = folder.write("jwks.json", signer.jwk("1").dump());
    given.jwt_audience = "odordiff";
    return given;
  }

  Answer ask(std::string_view method, std::string_view target, const std::string& headers = {},
             std::string_view body = {}) const {
    RawClient client(server->port());
    client.send(message(method, target, body, headers));
    return client.answer(method == "HEAD");
  }
  std::string bearer(Role role) const { return "Authorization: Bearer " + keys.at(role) + "\r\n"; }
  std::string token(Json claims) const {
    claims.update({{"aud", "odordiff"}, {"exp", std::time(nullptr) + 60}});
    return "Authorization: Bearer " + signer.token(claims) + "\r\n";
  }
  // Audit lines are written behind their answers: stops the server, so that all are there.
  std::vector<Json> audit_lines() {
    server.reset();
    std::vector<Json> out;
    std::istringstream in(folder.read("audit.jsonl"));
    for (std::string line; std::getline(in, line);) out.push_back(Json::parse(line));
    return out;
  }

  Folder folder;
  Signer signer = Signer::ec();
  std::map<Role, std::string> keys = {
      {Role::Viewer, new_api_key()}, {Role::Chemist, new_api_key()}, {Role::Admin, new_api_key()}};
  ServeConfig config;
  KeptLog log;
  observe::Registry registry;
  Router router;
  Workers workers;
  HttpMetrics metrics;
  observe::Logger logger;
  Lifecycle lifecycle;
  AuditLog audit;
  Usage usage;
  FrontGate gate;
  std::unique_ptr<HttpServer> server;
};

std::string kind(const Answer& answer) {
  EXPECT_EQ(answer.header("content-type"), "application/problem+json") << answer.head;
  return Json::parse(answer.body)["type"].get<std::string>().substr(21);
}

constexpr const char* kBrief = R"({"brief": "rose"})";

TEST(GateApi, WithoutKeysEverythingIsOpen) {
  const auto world = GuardedApi::open();
  EXPECT_EQ(world->ask("DELETE", "/v1/privacy/x").body, "anonymous admin 127.0.0.1");
  EXPECT_EQ(world->ask("GET", "/stats", "Authorization: Bearer whatever\r\n").status, 200);
  EXPECT_EQ(world->ask("GET", "/stats").header("ratelimit"), "");
}

TEST(GateApi, RolesOpenWhatTheyShould) {
  const GuardedApi world;
  const Role kNobody = Role::None;
  const std::vector<std::tuple<const char*, const char*, Role>> least = {
      {"GET", "/health", Role::None},           {"GET", "/stats", Role::Viewer},
      {"GET", "/metrics", Role::Viewer},        {"POST", "/v1/generate", Role::Chemist},
      {"DELETE", "/v1/privacy/x", Role::Admin}, {"GET", "/not-in-the-table", Role::Admin}};
  for (const auto& [method, path, needed] : least) {
    for (const Role role : {kNobody, Role::Viewer, Role::Chemist, Role::Admin}) {
      const Answer answer = world.ask(method, path, role == kNobody ? "" : world.bearer(role),
                                      std::string_view(method) == "POST" ? kBrief : "");
      const int right = role >= needed ? 200 : role == kNobody ? 401 : 403;
      EXPECT_EQ(answer.status, right) << path << " " << to_string(role);
      if (right == 401) {
        EXPECT_EQ(kind(answer), "unauthenticated");
        EXPECT_EQ(answer.header("www-authenticate"), "Bearer realm=\"odordiff\"");
      }
      if (right == 403) {
        EXPECT_EQ(kind(answer), "forbidden");
      }
    }
  }
}

TEST(GateApi, KeysAndTokensTellWhoAsks) {
  const GuardedApi world;
  EXPECT_EQ(world.ask("GET", "/stats", world.bearer(Role::Chemist)).body, "key:chemist chemist 127.0.0.1");
  EXPECT_EQ(world.ask("GET", "/stats", "X-API-Key: " + world.keys.at(Role::Viewer) + "\r\n").body,
            "key:viewer viewer 127.0.0.1");
  EXPECT_EQ(world.ask("GET", "/stats", world.token({{"sub", "ada"}, {"role", "admin"}})).body,
            "jwt:ada admin 127.0.0.1");
  const Answer stream = world.ask("POST", "/v1/generate", world.bearer(Role::Chemist), kBrief);
  EXPECT_NE(stream.body.find("key:chemist"), std::string::npos) << stream.body;
  EXPECT_NE(stream.header("ratelimit"), "") << "streams carry the gate's headers too";
}

TEST(GateApi, CredentialsThatAreNotGoodAreRefusedAndSaidSo) {
  const GuardedApi world;
  for (const std::string& wrong :
       {std::string("Authorization: Bearer odk_wrong\r\n"), std::string("Authorization: Basic YTpi\r\n"),
        std::string("Authorization: Bearer e30.e30.\r\n"), std::string("X-API-Key: x\r\n"),
        std::string("Authorization: Bearer ") + std::string(9000, 'x') + "\r\n",
        world.token({{"sub", "ada"}}).replace(30, 1, "!")}) {
    const Answer answer = world.ask("GET", "/stats", wrong);
    EXPECT_EQ(answer.status, 401) << wrong;
    EXPECT_EQ(answer.header("www-authenticate"), "Bearer realm=\"odordiff\", error=\"invalid_token\"");
    EXPECT_EQ(world.ask("GET", "/health", wrong).status, 200) << "open to all, whatever they send";
  }
  Json expired = {{"sub", "ada"}, {"aud", "odordiff"}, {"exp", std::time(nullptr) - 60}};
  const Answer answer =
      world.ask("GET", "/stats", "Authorization: Bearer " + world.signer.token(expired) + "\r\n");
  EXPECT_EQ(Json::parse(answer.body)["detail"], "the token has expired");
}

TEST(GateApi, WhoIsNotKnownLearnsNothingOfBodies) {
  const GuardedApi world;
  EXPECT_EQ(world.ask("POST", "/v1/generate", "Content-Type: text/plain\r\nContent-Length: 0\r\n").status,
            401);
  EXPECT_EQ(world.ask("GET", "/nowhere").status, 404);
  EXPECT_EQ(world.ask("PUT", "/stats").status, 405);
}

TEST(GateApi, EachKeyHasItsOwnLimitAndSharesTheAddressesWithNobody) {
  ServeConfig config;
  config.rate_limit = 3;
  const GuardedApi world(config);
  for (int left = 2; left >= 0; --left) {
    const Answer answer = world.ask("GET", "/stats", world.bearer(Role::Viewer));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.header("ratelimit-policy"), "\"default\";q=3;w=60");
    EXPECT_TRUE(answer.header("ratelimit").starts_with("\"default\";r=" + std::to_string(left) + ";t="))
        << answer.head;
  }
  const Answer refused = world.ask("GET", "/stats", world.bearer(Role::Viewer));
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(kind(refused), "rate-limited");
  const int wait = std::stoi(refused.header("retry-after"));
  EXPECT_TRUE(wait >= 1 && wait <= 20) << wait;
  EXPECT_EQ(world.ask("GET", "/stats", world.bearer(Role::Admin)).status, 200);
  // Guessing counts against the address, also where there is nothing to find.
  for (int i = 0; i < 3; ++i) EXPECT_EQ(world.ask("GET", "/stats", "X-API-Key: guess\r\n").status, 401);
  EXPECT_EQ(world.ask("GET", "/stats", "X-API-Key: guess\r\n").status, 429);
  EXPECT_EQ(world.ask("GET", "/nowhere").status, 429);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(world.ask("GET", "/health").status, 200);
}

TEST(GateApi, BehindAProxyEachClientHasItsOwnLimit) {
  ServeConfig config;
  config.rate_limit = 1;
  config.trusted_proxies = {"127.0.0.0/8"};
  const auto world = GuardedApi::open(config);
  EXPECT_EQ(world->ask("GET", "/stats", "X-Forwarded-For: 1.1.1.1\r\n").status, 200);
  EXPECT_EQ(world->ask("GET", "/stats", "X-Forwarded-For: 1.1.1.1\r\n").status, 429);
  EXPECT_EQ(world->ask("GET", "/stats", "X-Forwarded-For: 2.2.2.2\r\n").status, 200);
}

TEST(GateApi, CrossOriginRequestsAreAnsweredToListedSitesAlone) {
  const std::string origin = "Origin: https://studio.example.com\r\n";
  const std::string preflight = origin + "Access-Control-Request-Method: POST\r\n";
  {
    const auto off = GuardedApi::open();
    EXPECT_EQ(off->ask("GET", "/stats", origin).header("access-control-allow-origin"), "");
    EXPECT_EQ(off->ask("OPTIONS", "/stats", preflight).status, 403);
  }
  ServeConfig config;
  config.cors_origins = {"https://studio.example.com"};
  const GuardedApi world(config);
  const Answer allowed = world.ask("OPTIONS", "/v1/generate", preflight);
  EXPECT_EQ(allowed.status, 204);
  EXPECT_EQ(allowed.header("access-control-allow-origin"), "https://studio.example.com");
  EXPECT_NE(allowed.header("access-control-allow-headers").find("Authorization"), std::string::npos);
  const Answer answer = world.ask("GET", "/stats", origin + world.bearer(Role::Viewer));
  EXPECT_EQ(answer.header("access-control-allow-origin"), "https://studio.example.com");
  EXPECT_EQ(answer.header("vary"), "Origin");
  EXPECT_EQ(world.ask("GET", "/stats", origin).header("access-control-allow-origin"),
            "https://studio.example.com")
      << "a page must be able to read that it is not known";
  const Answer foreign =
      world.ask("OPTIONS", "/stats", "Origin: https://evil\r\nAccess-Control-Request-Method: GET\r\n");
  EXPECT_EQ(foreign.status, 403);
  EXPECT_EQ(foreign.header("access-control-allow-origin"), "");
}

TEST(GateApi, AnOpenServerIsAskedByItsOwnNamesOnly) {
  const auto world = GuardedApi::open();
  const auto status = [&](const std::string& host, const char* method = "GET", const char* path = "/stats") {
    RawClient client(world->server->port());
    client.send(std::string(method) + " " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
    return client.answer().status;
  };
  for (const char* ours : {"localhost", "127.0.0.1:8000", "[::1]:1", "test", "TEST:80"})
    EXPECT_EQ(status(ours), 200);
  for (const char* foreign : {"evil.example:8461", "127.0.0.1.evil.example", "192.0.2.1", "test.evil.example",
                              "", "localhost:evil.example", "[::1]evil.example", "[localhost]evil.example"}) {
    EXPECT_EQ(status(foreign), 421) << foreign;
    EXPECT_EQ(status(foreign, "GET", "/health"), 200) << "probes name what they like";
  }
  EXPECT_EQ(status("evil.example", "DELETE", "/v1/privacy/x"), 421);
  EXPECT_EQ(status("localhost", "GET", "http://evil.example/stats"), 421) << "the target's own name counts";
  EXPECT_EQ(status("evil.example", "GET", "http://localhost/stats"), 200);
  RawClient old(world->server->port());
  old.send("GET /stats HTTP/1.0\r\n\r\n");
  EXPECT_EQ(old.answer().status, 200) << "no browser speaks so";
  // With keys, nothing is given to a page that does not have one.
  const GuardedApi closed;
  EXPECT_EQ(closed.ask("GET", "/stats", closed.bearer(Role::Viewer)).status, 200);
  ServeConfig config;
  config.hosts = {"studio.example.com"};
  const GuardedApi listed(config);
  EXPECT_EQ(listed.ask("GET", "/stats", listed.bearer(Role::Viewer)).status, 421);
}

TEST(GateApi, PagesOfOtherSitesComputeAndChangeNothing) {
  ServeConfig config;
  config.cors_origins = {"https://studio.example.com"};
  const auto world = GuardedApi::open(config);
  const auto status = [&](const std::string& headers, const char* method = "GET",
                          const char* path = "/stats") {
    return world->ask(method, path, headers, method[0] == 'P' ? kBrief : "").status;
  };
  for (const char* foreign : {"Origin: http://evil.example\r\n", "Origin: null\r\n", "Origin: \r\n",
                              "Origin: http://localhost:3000\r\n", "Origin: http://test.evil.example\r\n",
                              "Origin: x://test\r\n", "Origin: http://test:@evil.example\r\n"}) {
    EXPECT_EQ(status(foreign), 403) << foreign;
    EXPECT_EQ(status(foreign, "POST", "/v1/generate"), 403) << foreign;
    EXPECT_EQ(status(foreign, "DELETE", "/v1/privacy/x"), 403) << foreign;
    EXPECT_EQ(status(foreign, "GET", "/health"), 200) << foreign;
  }
  for (const char* own : {"", "Origin: http://test\r\n", "Origin: http://test:80\r\n",
                          "Origin: https://studio.example.com\r\n"}) {
    EXPECT_EQ(status(own), 200) << own;
    EXPECT_EQ(status(own, "DELETE", "/v1/privacy/x"), 200) << own;
  }
  // A picture or a script on a foreign page has no Origin, but the browser tells; a link is followed.
  EXPECT_EQ(status("Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\n"), 403);
  EXPECT_EQ(status("Sec-Fetch-Site: same-site\r\nSec-Fetch-Mode: no-cors\r\n"), 403);
  EXPECT_EQ(status("Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\n"),
            403);
  EXPECT_EQ(status("Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n"),
            200);
  EXPECT_EQ(status("Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: cors\r\n"), 200);
}

TEST(GateApi, TrailersChangeNothing) {
  ServeConfig config;
  config.rate_limit = 3;
  config.trusted_proxies = {"127.0.0.0/8"};
  const GuardedApi world(config);
  const auto ask = [&](const std::string& headers, const std::string& trailers) {
    RawClient client(world.server->port());
    client.send("POST /v1/generate HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n" + headers +
                "\r\n" + "11\r\n" + kBrief + "\r\n0\r\n" + trailers + "\r\n");
    return client.answer().status;
  };
  const std::string json = "Content-Type: application/json\r\n";
  EXPECT_EQ(ask(world.bearer(Role::Chemist), json), 415);
  EXPECT_EQ(ask(json, world.bearer(Role::Chemist)), 401);
  EXPECT_EQ(ask(json, "X-API-Key: " + world.keys.at(Role::Admin) + "\r\n"), 401);
  EXPECT_EQ(ask(json + world.bearer(Role::Chemist), "Host: other\r\nConnection: close\r\n"), 200);
  // Neither may it move a caller to another address.
  int let_through = 0;
  for (int i = 0; i < 20; ++i) {
    const std::string from = "X-Forwarded-For: 10.9.9." + std::to_string(i) + "\r\n";
    if (ask(json, from) != 429) ++let_through;
  }
  EXPECT_LE(let_through, 3);
}

TEST(GateApi, WhoIsRefusedSendsNoBody) {
  const GuardedApi world;
  RawClient client(world.server->port());
  client.send(
      "POST /v1/generate HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: "
      "1000000\r\nExpect: 100-continue\r\n\r\n");
  const Answer refused = client.answer();
  EXPECT_EQ(refused.status, 401) << "without being asked for the body";
  EXPECT_EQ(refused.header("connection"), "close");
  RawClient waiting(world.server->port());
  waiting.send(
      "POST /v1/generate HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: "
      "1000000\r\n\r\n{");
  EXPECT_EQ(waiting.answer().status, 401);
  // A body that is there already is passed over.
  RawClient whole(world.server->port());
  whole.send(message("POST", "/v1/generate", kBrief) + message("GET", "/health"));
  EXPECT_EQ(whole.answer().status, 401);
  EXPECT_EQ(whole.answer().status, 200);
}

TEST(GateApi, OpenPagesCountForTheirAddress) {
  ServeConfig config;
  config.rate_limit = 2;
  const GuardedApi world(config);
  int answered = 0;
  for (int i = 0; i < 40; ++i) answered += world.ask("GET", "/openapi.json").status == 200 ? 1 : 0;
  EXPECT_GE(answered, 20);
  EXPECT_LT(answered, 25) << "ten times as many as of other requests, and what refills meanwhile";
  for (int i = 0; i < 10; ++i) EXPECT_EQ(world.ask("GET", "/health/live").status, 200);
  EXPECT_EQ(world.ask("GET", "/stats").status, 401) << "which have a limit of their own";
}

TEST(GateApi, PagesOfOtherSitesOpenNoWebSockets) {
  const auto world = GuardedApi::open();
  const std::string upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
  EXPECT_EQ(world->ask("GET", "/stats", upgrade + "Origin: http://evil\r\n").status, 403);
  EXPECT_EQ(world->ask("GET", "/stats", upgrade + "Origin: http://test\r\n").status, 200);
  EXPECT_EQ(world->ask("GET", "/stats", upgrade).status, 200);
}

TEST(GateApi, EveryRequestHasATraceThatAnswerLogAndAuditName) {
  auto world = std::make_unique<GuardedApi>();
  const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  const Answer answer = world->ask(
      "GET", "/stats", world->bearer(Role::Viewer) + "traceparent: 00-" + trace + "-00f067aa0ba902b7-01\r\n");
  EXPECT_TRUE(answer.header("traceparent").starts_with("00-" + trace + "-"));
  EXPECT_EQ(world->ask("GET", "/stats", "traceparent: 00-x\r\n").header("traceparent").size(), 55U);
  (void)world->ask("GET", "/health");
  const auto lines = world->audit_lines();
  ASSERT_EQ(lines.size(), 2U) << "health is not worth a line";
  EXPECT_EQ(lines[0]["trace_id"], trace);
  EXPECT_EQ(lines[0]["subject"], "key:viewer");
  EXPECT_EQ(lines[0]["request_id"], answer.header("x-request-id"));
  EXPECT_EQ(lines[1]["status"], 401);
  EXPECT_TRUE(lines[1]["subject"].is_null());
  std::string log;
  for (const auto& line : world->log.lines) log += line;
  EXPECT_NE(log.find("\"trace_id\":\"" + trace + "\""), std::string::npos);
  for (const auto& [role, key] : world->keys) EXPECT_EQ(log.find(key), std::string::npos);
}

TEST(GateApi, ANewPolicyCountsFromTheNextRequest) {
  GuardedApi world;
  RawClient client(world.server->port());
  const std::string request = message("GET", "/stats", "", world.bearer(Role::Viewer));
  client.send(request);
  EXPECT_EQ(client.answer().status, 200);
  world.folder.write("keys.toml",
                     api_key_entry(new_api_key(), {.name = "other", .sha256 = {}, .role = Role::Admin}));
  world.gate.set_policy(make_gate_policy(world.config));
  client.send(request);
  EXPECT_EQ(client.answer().status, 401);
}

TEST(GateApi, MetricsMayBeOpened) {
  ServeConfig config;
  config.metrics_open = true;
  const GuardedApi world(config);
  EXPECT_EQ(world.ask("GET", "/metrics").status, 200);
  EXPECT_EQ(world.ask("GET", "/stats").status, 401);
}

}  // namespace
}  // namespace odordiff::server
