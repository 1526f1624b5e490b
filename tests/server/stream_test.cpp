// Event streams: their form, their signs of life, slow readers and those who vanish.
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "base/error.h"
#include "running_server.h"

namespace odordiff::server {
namespace {

Handler streaming(EventStream::Form form, std::function<void(Call&, EventStream&)> run) {
  return [form, run = std::move(run)](const Request&) { return Streaming{Priority::Normal, form, run}; };
}

TEST(Streams, AClientThatHasSentAllThatItWillIsNotWaitedFor) {
  Router router;
  router.add({"GET", "/quick", [](const Request&) {
                return Streaming{Priority::Normal, EventStream::Form::JsonLines,
                                 [](Call&, EventStream& events) {
                                   events.send("only", {{"a", 1}});
                                 }};
              }});
  RunningServer server(std::move(router));
  // The client's end may be noticed at any moment: while the stream is written, at its end, or by the next
  // read.
  for (int i = 0; i < 300; ++i) {
    RawClient client(server.port());
    client.send(message("GET", "/quick"));
    client.half_close();
    EXPECT_TRUE(client.read_all().starts_with(
        "HTTP/1.1 200 "));  // and the server closes, long before it would be idle
  }
}

TEST(Streams, EventsHaveIdsAndTheStreamEndsWithItsWork) {
  Router router;
  const auto three = [](Call&, EventStream& stream) {
    for (int i = 0; i < 3; ++i) stream.send("tick", {{"n", i}});
  };
  router.add({"GET", "/sse", streaming(EventStream::Form::ServerSentEvents, three)});
  router.add({"GET", "/lines", streaming(EventStream::Form::JsonLines, three)});
  router.add({"GET", "/after", [](const Request&) { return text_response(200, "text/plain", "after"); }});
  RunningServer server(std::move(router));
  RawClient client(server.port());
  client.send(message("GET", "/sse") + message("GET", "/lines") + message("GET", "/after"));
  const Answer sse = client.answer();
  EXPECT_EQ(sse.header("content-type"), "text/event-stream");
  EXPECT_EQ(sse.header("cache-control"), "no-store");
  EXPECT_EQ(sse.body,
            "retry: 2000\n\nid: 1\nevent: tick\ndata: {\"n\":0}\n\nid: 2\nevent: tick\ndata: {\"n\":1}\n\n"
            "id: 3\nevent: tick\ndata: {\"n\":2}\n\n");
  const Answer lines = client.answer();
  EXPECT_EQ(lines.header("content-type"), "application/x-ndjson");
  EXPECT_TRUE(lines.body.starts_with("{\"id\":1,\"event\":\"tick\",\"data\":{\"n\":0}}\n"));
  EXPECT_EQ(client.answer().body, "after");  // the connection lives on
}

TEST(Streams, AnOldClientGetsItWithoutChunks) {
  Router router;
  router.add({"GET", "/sse", streaming(EventStream::Form::ServerSentEvents, [](Call&, EventStream& stream) {
                stream.send("tick", {{"n", 1}});
              })});
  RunningServer server(std::move(router));
  RawClient client(server.port());
  client.send("GET /sse HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(client.read_all().ends_with("\r\n\r\nretry: 2000\n\nid: 1\nevent: tick\ndata: {\"n\":1}\n\n"));
}

TEST(Streams, ProgressAndHeartbeatsComeWithoutTheWorkersHelp) {
  Gate gate;
  Router router;
  router.add(
      {"GET", "/sse", streaming(EventStream::Form::ServerSentEvents, [&](Call& call, EventStream& stream) {
         stream.progress({{"done", 1}});
         stream.progress({{"done", 2}});
         gate.pass(&call);
       })});
  HttpOptions options;
  options.beat_ms = 20;
  RunningServer server(std::move(router), options);
  RawClient client(server.port());
  client.send(message("GET", "/sse"));
  const std::string seen = client.read_to(": alive\n\n");
  EXPECT_NE(seen.find("event: progress\ndata: {\"done\":2}"), std::string::npos);
  EXPECT_EQ(seen.find("{\"done\":1}"), std::string::npos);  // overtaken
  (void)client.read_to(": alive\n\n");
  gate.open();
  EXPECT_TRUE(client.read_to("\r\n0\r\n\r\n").ends_with("0\r\n\r\n"));
}

TEST(Streams, WhatGoesWrongIsAnEvent) {
  Router router;
  router.add({"GET", "/sse", streaming(EventStream::Form::ServerSentEvents, [](Call&, EventStream& stream) {
                stream.send("tick", {{"n", 1}});
                throw InvalidInput("the brief is empty");
              })});
  RunningServer server(std::move(router));
  const Answer answer = server.ask("GET", "/sse");
  EXPECT_NE(answer.body.find("event: error\ndata: {\"type\":\"urn:odordiff:problem:invalid-input\""),
            std::string::npos);
  EXPECT_NE(answer.body.find("the brief is empty"), std::string::npos);
}

TEST(Streams, AReaderWhoVanishesReleasesTheWorker) {
  std::atomic<int> sent{0};
  std::promise<void> over;
  Router router;
  router.add(
      {"GET", "/sse", streaming(EventStream::Form::ServerSentEvents, [&](Call& call, EventStream& stream) {
         try {
           while (!call.cancelled()->load()) {
             stream.send("tick", {{"n", ++sent}});
             std::this_thread::yield();
           }
         } catch (const Cancelled&) {
         }
         over.set_value();
       })});
  RunningServer server(std::move(router));
  {
    RawClient client(server.port());
    client.send(message("GET", "/sse"));
    (void)client.read_to("event: tick");
  }
  over.get_future().wait();
}

TEST(Streams, ASlowReaderIsHeldBackThenDropped) {
  std::atomic<std::uint64_t> sent_bytes{0};
  std::promise<void> over;
  Router router;
  router.add({"GET", "/sse", streaming(EventStream::Form::ServerSentEvents, [&](Call&, EventStream& stream) {
                const std::string block(16 * 1024, 'x');
                try {
                  while (true) {
                    stream.send("block", {{"x", block}});
                    sent_bytes += block.size();
                  }
                } catch (const Cancelled&) {
                }
                over.set_value();
              })});
  HttpOptions options;
  options.write_timeout_ms = 200;
  RunningServer server(std::move(router), options);
  RawClient client(server.port());
  client.send(message("GET", "/sse"));
  over.get_future().wait();                  // reads nothing at all
  EXPECT_LT(sent_bytes.load(), 16U << 20U);  // what sockets hold, and no more
  while (server.metrics().readers_dropped.value() < 1) std::this_thread::yield();
}

TEST(Streams, ADeadlineEndsThemWithAnError) {
  Gate gate;
  Router router;
  router.add({"GET", "/sse", streaming(EventStream::Form::ServerSentEvents, [&](Call& call, EventStream&) {
                gate.pass(&call);
                if (call.ending() != Ending::None) throw Cancelled("ended");
              })});
  RunningServer server(std::move(router), {}, {1, 4});
  RawClient working(server.port());
  working.send(message("GET", "/sse", {}, "X-Request-Timeout: 0.3\r\n"));
  gate.wait_for_arrivals(1);
  const Answer queued = server.ask("GET", "/sse", {}, "X-Request-Timeout: 0.02\r\n");
  EXPECT_NE(queued.body.find("urn:odordiff:problem:deadline"), std::string::npos);
  EXPECT_NE(working.answer().body.find("urn:odordiff:problem:deadline"), std::string::npos);
}

TEST(Streams, AShutdownSaysThatTheStreamCanBeAskedForAgain) {
  Gate gate;
  Router router;
  router.add({"GET", "/sse", streaming(EventStream::Form::ServerSentEvents, [&](Call& call, EventStream&) {
                gate.pass(&call);
                if (call.ending() != Ending::None) throw Cancelled("ended");
              })});
  HttpOptions options;
  options.drain_timeout_ms = 20;
  RunningServer server(std::move(router), options);
  RawClient client(server.port());
  client.send(message("GET", "/sse"));
  gate.wait_for_arrivals(1);
  server.server().drain();
  auto drained = std::async(std::launch::async, [&] { server.server().wait(); });
  const Answer answer = client.answer();
  EXPECT_NE(answer.body.find("event: error\n"), std::string::npos);
  EXPECT_NE(answer.body.find("send the request again"), std::string::npos);
  drained.get();
}

}  // namespace
}  // namespace odordiff::server
