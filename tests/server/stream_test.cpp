// Event streams: their form, their signs of life, slow readers and those who vanish.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "base/error.h"
#include "running_server.h"

namespace odordiff::server {
namespace {

Handler in_steps(EventStream::Form form, std::function<bool(Call&, EventStream&)> step) {
  return [form, step = std::move(step)](const Request&) { return Streaming{Priority::Normal, form, step}; };
}
Handler streaming(EventStream::Form form, std::function<void(Call&, EventStream&)> run) {
  return in_steps(form, [run = std::move(run)](Call& call, EventStream& stream) {
    run(call, stream);
    return false;
  });
}

TEST(Streams, AClientThatHasSentAllThatItWillIsNotWaitedFor) {
  Router router;
  router.add({"GET", "/quick", streaming(EventStream::Form::JsonLines, [](Call&, EventStream& events) {
                events.send("only", {{"a", 1}});
              })});
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

TEST(Streams, ProgressThatNobodyHasHeardOfIsOvertaken) {
  EventStream stream(EventStream::Form::JsonLines, 1024);
  stream.progress({{"done", 1}});
  stream.progress({{"done", 2}});
  const std::string beat = stream.beat();
  EXPECT_NE(beat.find("{\"done\":2}"), std::string::npos);
  EXPECT_EQ(beat.find("{\"done\":1}"), std::string::npos);
}

TEST(Streams, ProgressAndHeartbeatsComeWithoutTheWorkersHelp) {
  Gate gate;
  Router router;
  router.add(
      {"GET", "/sse", streaming(EventStream::Form::ServerSentEvents, [&](Call& call, EventStream& stream) {
         stream.progress({{"done", 2}});
         gate.pass(&call);
       })});
  HttpOptions options;
  options.beat_ms = 20;
  RunningServer server(std::move(router), options);
  RawClient client(server.port());
  client.send(message("GET", "/sse"));
  (void)client.read_to("event: progress\ndata: {\"done\":2}");
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

// Sends `blocks` of 16 KiB, as the reader has room.
std::function<bool(Call&, EventStream&)> sends_blocks(int blocks, std::atomic<int>& sent) {
  return [blocks, &sent](Call&, EventStream& stream) {
    while (sent < blocks) {
      if (!stream.has_room()) return true;
      stream.send("block", {{"x", std::string(16 * 1024, 'x')}});
      ++sent;
    }
    return false;
  };
}

TEST(Streams, ASlowReaderHoldsNoWorkerAndIsDropped) {
  constexpr int kBlocks = 4096;
  std::atomic<int> sent{0};
  Router router;
  router.add({"GET", "/sse", in_steps(EventStream::Form::ServerSentEvents, sends_blocks(kBlocks, sent))});
  router.add({"GET", "/work", [](const Request&) {
                return Work{Priority::Normal, [](Call&) { return text_response(200, "text/plain", "done"); }};
              }});
  HttpOptions options;
  options.write_timeout_ms = 500;
  RunningServer server(std::move(router), options, {1, 4});
  RawClient client(server.port());
  client.send(message("GET", "/sse"));  // and reads nothing at all
  EXPECT_EQ(server.ask("GET", "/work").body, "done");
  while (server.metrics().readers_dropped.value() < 1) {
    EXPECT_EQ(server.ask("GET", "/work").body, "done");
  }
  EXPECT_LT(sent, kBlocks / 4);  // what sockets hold, and no more
}

TEST(Streams, AReaderWhoGoesOnIsWaitedForHoweverLongItTakes) {
  constexpr int kBlocks = 512;
  std::atomic<int> sent{0};
  Router router;
  router.add({"GET", "/sse", in_steps(EventStream::Form::ServerSentEvents, sends_blocks(kBlocks, sent))});
  HttpOptions options;
  options.write_timeout_ms = 300;
  RunningServer server(std::move(router), options, {1, 4});
  RawClient client(server.port());
  client.send(message("GET", "/sse"));
  const auto began = Clock::now();
  for (int i = 1; i <= kBlocks; ++i) {
    (void)client.read_to(fmt::format("id: {}\n", i));
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
  }
  EXPECT_GT(seconds_since(began), 1.0);  // more than a write may wait
  EXPECT_TRUE(client.read_to("\r\n0\r\n\r\n").ends_with("0\r\n\r\n"));
  EXPECT_EQ(server.metrics().readers_dropped.value(), 0U);
}

TEST(Streams, WhoTakesNothingIsDroppedSoonWhereReadersHoldTooMuch) {
  Router router;
  const auto body = std::make_shared<const std::string>(64U << 20U, 'x');
  router.add({"GET", "/large", [body](const Request&) { return Response{200, "text/plain", body}; }});
  HttpOptions options;
  options.max_unread_bytes = 96U << 20U;
  RunningServer server(std::move(router), options);
  RawClient first(server.port()), second(server.port());
  first.send(message("GET", "/large"));
  second.send(message("GET", "/large"));
  const auto began = Clock::now();
  while (server.metrics().readers_dropped.value() < 1) std::this_thread::yield();
  EXPECT_LT(seconds_since(began), 20);  // a write may wait for 30 s
}

TEST(Pieces, AreMadeAsTheyAreRead) {
  constexpr int kPieces = 4096;
  std::atomic<int> made{0};
  Router router;
  router.add({"GET", "/long", [&](const Request&) {
                return Work{Priority::Normal, [&](Call&) -> Reply {
                              made = 0;
                              return Pieces{text_response(200, "text/plain", "first"), [&](Call&) {
                                              return Piece{std::string(16 * 1024, 'x'), ++made == kPieces};
                                            }};
                            }};
              }});
  RunningServer server(std::move(router));
  {
    RawClient client(server.port());
    client.send(message("GET", "/long") + message("GET", "/long"));
    for (int i = 0; i < 2; ++i) EXPECT_EQ(client.answer().body.size(), 5U + kPieces * 16U * 1024U);
  }
  RawClient old(server.port());
  old.send("GET /long HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(old.read_all().ends_with("xxx"));
  EXPECT_EQ(server.ask("HEAD", "/long").body, "");
  RawClient idle(server.port());
  idle.send(message("GET", "/long"));
  (void)idle.read_to("first");
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_LT(made, kPieces / 4);
}

TEST(Pieces, AnAnswerThatCannotBeEndedIsCutShort) {
  Router router;
  router.add({"GET", "/long", [](const Request&) {
                return Work{Priority::Normal, [](Call&) -> Reply {
                              return Pieces{text_response(200, "text/plain", "first"),
                                            [](Call&) -> Piece { throw Unavailable("the disk is gone"); }};
                            }};
              }});
  RunningServer server(std::move(router));
  RawClient client(server.port());
  client.send(message("GET", "/long"));
  const std::string all = client.read_all();
  EXPECT_NE(all.find("first"), std::string::npos);
  EXPECT_FALSE(all.ends_with("0\r\n\r\n"));
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
