// The HTTP/1.1 server towards well-behaved, sloppy and hostile clients. Routes are small; sockets are real.
#include "server/http_server.h"

#include <gtest/gtest.h>

#include <future>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/error.h"
#include "running_server.h"

namespace odordiff::server {
namespace {

Router small_router() {
  Router router;
  router.add({"GET", "/hello", [](const Request&) { return text_response(200, "text/plain", "hello"); }});
  router.add({"GET", "/things/{name}", [](const Request& r) {
                return text_response(200, "text/plain", r.parameters.at(0) + "?" + r.query);
              }});
  router.add(
      {"POST", "/echo", [](const Request& r) { return text_response(200, "text/plain", r.body); }, true});
  router.add({"POST", "/work",
              [](const Request& r) {
                return Work{Priority::Normal,
                            [body = r.body](Call&) { return text_response(200, "text/plain", body); }};
              },
              true});
  router.add({"GET", "/stream", [](const Request&) {
                return Streaming{Priority::Normal, EventStream::Form::ServerSentEvents,
                                 [](Call&, EventStream& stream) {
                                   stream.send("news", nlohmann::ordered_json{{"a", 1}});
                                   return false;
                                 }};
              }});
  router.add({"GET", "/broken", [](const Request&) -> Outcome { throw std::logic_error("secret of ours"); }});
  router.add(
      {"GET", "/broken-work", [](const Request&) {
         return Work{Priority::Normal, [](Call&) -> Response { throw std::logic_error("secret of ours"); }};
       }});
  return router;
}

nlohmann::json problem(const Answer& answer) {
  EXPECT_EQ(answer.header("content-type"), "application/problem+json");
  auto json = nlohmann::json::parse(answer.body);
  EXPECT_EQ(json.at("status"), answer.status);
  EXPECT_FALSE(json.at("detail").get<std::string>().empty());
  EXPECT_EQ(json.at("request_id"), answer.header("x-request-id"));
  return json;
}

TEST(Http, AnswersAndKeepsTheConnection) {
  RunningServer server(small_router());
  RawClient client(server.port());
  for (int i = 0; i < 3; ++i) {
    client.send(message("GET", "/hello"));
    const Answer answer = client.answer();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "hello");
    EXPECT_EQ(answer.header("connection"), "");
    EXPECT_EQ(answer.header("x-content-type-options"), "nosniff");
    EXPECT_EQ(answer.header("date").size(), 29U);
  }
  client.send(message("GET", "/hello", {}, "Connection: close\r\n"));
  EXPECT_EQ(client.answer().header("connection"), "close");
  EXPECT_EQ(client.read_all(), "");
}

TEST(Http, HeadIsGetWithoutTheBody) {
  RunningServer server(small_router());
  const Answer answer = server.ask("HEAD", "/hello");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("content-length"), "5");
}

// What came behind the head would be taken for the next answer.
TEST(Http, HeadOfAStreamIsItsHeadAlone) {
  RunningServer server(small_router());
  RawClient client(server.port());
  client.send(message("HEAD", "/stream") + message("GET", "/hello"));
  const Answer head = client.answer(true);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("content-type"), "text/event-stream");
  EXPECT_EQ(head.header("transfer-encoding"), "");
  EXPECT_EQ(client.answer().body, "hello");
  client.send(message("GET", "/stream"));
  EXPECT_NE(client.answer().body.find("event: news"), std::string::npos);
}

TEST(Http, PipelinedRequestsAreAnsweredInOrder) {
  RunningServer server(small_router());
  RawClient client(server.port());
  std::string all;
  for (int i = 0; i < 20; ++i) {
    all += i % 2 == 0 ? message("GET", "/things/" + std::to_string(i))
                      : message("POST", "/work", std::to_string(i));
  }
  client.send(all);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(client.answer().body, i % 2 == 0 ? std::to_string(i) + "?" : std::to_string(i));
  }
}

TEST(Http, ARequestMayComeByteByByte) {
  RunningServer server(small_router());
  RawClient client(server.port());
  for (const char c : message("POST", "/echo", "{\"a\": 1}")) client.send(std::string_view(&c, 1));
  EXPECT_EQ(client.answer().body, "{\"a\": 1}");
}

TEST(Http, ChunkedBodiesAndExpectationsAreMet) {
  RunningServer server(small_router());
  RawClient client(server.port());
  client.send(
      "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Type: application/json; charset=utf-8\r\n"
      "Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.answer().status, 100);
  client.send("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  EXPECT_EQ(client.answer().body, "abcde");
  client.send("GET /hello HTTP/1.1\r\nHost: t\r\nExpect: a-miracle\r\n\r\n");
  EXPECT_EQ(client.answer().status, 417);
}

TEST(Http, TheRouterSaysWhatIsWrong) {
  RunningServer server(small_router());
  const Answer missing = server.ask("GET", "/nothing");
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(problem(missing).at("type"), "urn:odordiff:problem:not-found");
  const Answer method = server.ask("DELETE", "/hello");
  EXPECT_EQ(method.status, 405);
  EXPECT_EQ(method.header("allow"), "GET, HEAD");
  const Answer type = server.ask("POST", "/echo", "x", "");
  EXPECT_EQ(type.status, 200);
  RawClient client(server.port());
  client.send("POST /echo HTTP/1.1\r\nHost: t\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}");
  EXPECT_EQ(client.answer().status, 415);
  client.send(message("GET", "/hello"));  // the connection is still in step
  EXPECT_EQ(client.answer().body, "hello");
}

TEST(Http, PathsAreDecodedOnceAndLeadNowhereElse) {
  RunningServer server(small_router());
  EXPECT_EQ(server.ask("GET", "/things/a%2Fb%20c?x=%20y").body, "a/b c?x=%20y");
  EXPECT_EQ(server.ask("GET", "http://test/things/a").body, "a?");
  for (const char* path :
       {"/../hello", "/things/../hello", "/things/..%2fhello/x", "//hello", "/hello/", "/things/"}) {
    EXPECT_EQ(server.ask("GET", path).status, 404) << path;
  }
  for (const char* path : {"/things/%zz", "/things/%", "/things/%00"}) {
    EXPECT_EQ(server.ask("GET", path).status, 400) << path;
  }
}

TEST(Http, WhatIsNoRequestIsRefusedAndTheConnectionClosed) {
  RunningServer server(small_router());
  const std::pair<const char*, int> cases[] = {
      {"complete nonsense\r\n\r\n", 400},
      {"GET /hello HTTP/1.1\r\n\r\n", 400},                              // no Host
      {"GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},        // two
      {"GET /hello HTTP/1.1\r\nHost: a\r\nBad Header: x\r\n\r\n", 400},  // a space in a name
      {"GET /hello HTTP/1.1\r\nHost: a\r\nX: a\x01\r\n\r\n", 400},       // a control character
      {"GET hello HTTP/1.1\r\nHost: a\r\n\r\n", 400},                    // no path
      {"GET /things/C#N HTTP/1.1\r\nHost: a\r\n\r\n", 400},              // a fragment
      {"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", 400},
      {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400},
      {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400},
      {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       400},
      {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 400},
      {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: "
       "chunked\r\n\r\n"
       "zz\r\n",
       400},
      {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400},
      {"POST /echo HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n"
       "0\r\n\r\n",
       400},
      {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx", 415},
      {"GET /hello HTTP/1.1\r\nHost: a b/c\r\n\r\n", 400},
      {"GET /hello HTTP/3.0\r\nHost: a\r\n\r\n", 505},
  };
  for (const auto& [bytes, status] : cases) {
    RawClient client(server.port());
    client.send(bytes);
    const Answer answer = client.answer();
    EXPECT_EQ(answer.status, status) << bytes;
    if (answer.status != 0) {
      (void)problem(answer);
      EXPECT_EQ(answer.header("connection"), "close");
      EXPECT_EQ(client.read_all(), "") << bytes;
    }
  }
  EXPECT_EQ(server.ask("GET", "/hello").status, 200);
}

TEST(Http, HugeHeadersAndBodiesAreRefusedBeforeTheyAreRead) {
  HttpOptions options;
  options.max_header_bytes = 2048;
  options.max_body_bytes = 1000;
  RunningServer server(small_router(), options);
  RawClient headers(server.port());
  headers.send("GET /hello HTTP/1.1\r\nHost: a\r\nX: " + std::string(100'000, 'x'));
  EXPECT_EQ(headers.answer().status, 431);
  RawClient body(server.port());
  body.send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: "
      "4000000000\r\n\r\n");
  EXPECT_EQ(body.answer().status, 413);
  RawClient chunks(server.port());
  chunks.send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: "
      "chunked\r\n\r\n");
  chunks.send("400\r\n" + std::string(1024, 'x') + "\r\n0\r\n\r\n");
  EXPECT_EQ(chunks.answer().status, 413);
  EXPECT_EQ(server.ask("POST", "/echo", std::string(1000, 'x')).status, 200);
}

TEST(Http, ManyTinyHeadersAreAsLargeAsFewLongOnes) {
  RunningServer server(small_router());
  const auto status = [&](int fields, const std::string& value) {
    std::string text = "GET /hello HTTP/1.1\r\nHost: a\r\n";
    for (int i = 0; i < fields; ++i) text += "a: " + value + "\r\n";
    RawClient client(server.port());
    client.send(text + "\r\n");
    return client.answer().status;
  };
  EXPECT_EQ(status(50, "b"), 200);
  EXPECT_EQ(status(50'000, "b"), 431);
  EXPECT_EQ(status(200, "b"), 431);
  EXPECT_EQ(status(60, std::string(1000, 'b')), 431);
}

TEST(Http, TrailersAreDropped) {
  RunningServer server(small_router());
  RawClient client(server.port());
  const std::string start =
      "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n0\r\n";
  client.send(start +
              "X-Request-ID: from-a-trailer\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\n");
  const Answer answer = client.answer();
  EXPECT_EQ(answer.body, "abc");
  EXPECT_NE(answer.header("x-request-id"), "from-a-trailer");
  EXPECT_EQ(answer.header("connection"), "");
  client.send(message("GET", "/hello"));
  EXPECT_EQ(client.answer().body, "hello");
  RawClient endless(server.port());
  endless.send(start + "X: " + std::string(100'000, 'x'));
  EXPECT_EQ(endless.answer().status, 431);
}

TEST(Http, BodiesOfAllConnectionsTogetherAreBounded) {
  HttpOptions options;
  options.max_bodies_bytes = 100'000;
  RunningServer server(small_router(), options);
  const auto half_sent = [&] {
    auto client = std::make_unique<RawClient>(server.port());
    client->send(
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 80000\r\n\r\n" +
        std::string(60'000, 'x'));
    return client;
  };
  auto first = half_sent(), second = half_sent();
  // Whichever came to more than there is room for is refused; when the other has gone, there is room again.
  const auto wait_for = [&](int status) {
    for (int i = 0; i < 10'000; ++i) {
      if (server.ask("POST", "/echo", std::string(90'000, 'x')).status == status) return true;
    }
    return false;
  };
  EXPECT_TRUE(wait_for(503));
  first->leave();
  second->leave();
  EXPECT_TRUE(wait_for(200));
}

TEST(Http, EmptyLinesBeforeARequestAreIgnored) {
  RunningServer server(small_router());
  RawClient client(server.port());
  client.send("\r\n\r\n" + message("GET", "/hello"));
  EXPECT_EQ(client.answer().body, "hello");
  client.send(message("POST", "/echo", "{}") + "\r\n");  // as old clients end a body
  EXPECT_EQ(client.answer().body, "{}");
  client.send("\r\n");
  client.send(message("GET", "/hello"));
  EXPECT_EQ(client.answer().body, "hello");
}

TEST(Http, OldClientsAreNotToldToGoOn) {
  RunningServer server(small_router());
  RawClient client(server.port());
  client.send(
      "POST /echo HTTP/1.0\r\nExpect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: "
      "2\r\n\r\n{}");
  const Answer answer = client.answer();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "{}");
}

TEST(Http, SlowHeadersAndBodiesTimeOut) {
  HttpOptions options;
  options.header_timeout_ms = options.body_timeout_ms = 100;
  RunningServer server(small_router(), options);
  RawClient header(server.port());
  header.send("GET /hello HTTP/1.1\r\nHost:");
  EXPECT_EQ(header.answer().status, 408);
  EXPECT_EQ(header.read_all(), "");
  RawClient body(server.port());
  body.send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n123");
  EXPECT_EQ(body.answer().status, 408);
}

TEST(Http, AnIdleConnectionIsClosedSilently) {
  HttpOptions options;
  options.idle_timeout_ms = 100;
  RunningServer server(small_router(), options);
  RawClient client(server.port());
  EXPECT_EQ(client.read_all(), "");
}

TEST(Http, AHalfClosedRequestThatIsWholeIsAnswered) {
  RunningServer server(small_router());
  RawClient client(server.port());
  client.send(message("GET", "/hello"));
  client.half_close();
  EXPECT_EQ(client.answer().body, "hello");
  RawClient torn(server.port());
  torn.send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n123");
  torn.half_close();
  EXPECT_EQ(torn.answer().status, 400);
}

TEST(Http, AClientsRequestIdIsKeptUnlessItCouldForgeSomething) {
  RunningServer server(small_router());
  EXPECT_EQ(server.ask("GET", "/hello", {}, "X-Request-ID: abc-1.2_3\r\n").header("x-request-id"),
            "abc-1.2_3");
  for (const char* bad : {"a b", "<script>", "a\tb", ""}) {
    const std::string id =
        server.ask("GET", "/hello", {}, "X-Request-ID: " + std::string(bad) + "\r\n").header("x-request-id");
    EXPECT_EQ(id.size(), 32U) << bad;
  }
}

TEST(Http, WhatBreaksInsideStaysInside) {
  RunningServer server(small_router());
  for (const char* path : {"/broken", "/broken-work"}) {
    const Answer answer = server.ask("GET", path);
    EXPECT_EQ(answer.status, 500);
    EXPECT_EQ(problem(answer).at("type"), "urn:odordiff:problem:internal");
    EXPECT_EQ(answer.body.find("secret"), std::string::npos);
    // The log tells whoever runs it, under the same id.
    const std::lock_guard lock(server.log.mutex);
    const auto told = std::find_if(server.log.lines.begin(), server.log.lines.end(), [](const auto& line) {
      return line.find("\"a fault of ours\"") != std::string::npos;
    });
    ASSERT_NE(told, server.log.lines.end());
    const auto line = nlohmann::json::parse(*told);
    EXPECT_EQ(line.at("request_id"), problem(answer).at("request_id"));
    EXPECT_EQ(line.at("route"), path);
    EXPECT_NE(line.at("cause").get<std::string>().find("error: "), std::string::npos) << *told;
    server.log.lines.clear();
  }
  EXPECT_EQ(server.metrics().faults.value(), 2U);
}

TEST(Http, TooManyConnectionsAreTurnedAway) {
  HttpOptions options;
  options.max_connections = 2;
  RunningServer server(small_router(), options);
  RawClient first(server.port()), second(server.port());
  for (RawClient* client : {&first, &second}) {
    client->send(message("GET", "/hello"));
    EXPECT_EQ(client->answer().status, 200);
  }
  RawClient third(server.port());
  const Answer answer = third.answer();
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.header("retry-after"), "1");
}

TEST(Http, OldClientsAreAnsweredAndLetGo) {
  RunningServer server(small_router());
  RawClient client(server.port());
  client.send("GET /hello HTTP/1.0\r\n\r\n");
  EXPECT_EQ(client.answer().body, "hello");
  EXPECT_EQ(client.read_all(), "");
}

TEST(Http, AnAddressThatCannotBeHadIsSaid) {
  RunningServer server(small_router());
  HttpOptions options;
  options.host = "no-address";
  observe::Registry registry;
  Router router;
  Workers workers({1, 1}, registry);
  HttpMetrics metrics(registry, router);
  observe::Logger logger(observe::Level::Error, [](std::string_view) {});
  Lifecycle lifecycle;
  EXPECT_THROW(HttpServer(options, router, workers, metrics, logger, lifecycle), Unavailable);
}

}  // namespace
}  // namespace odordiff::server
