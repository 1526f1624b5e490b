// Work behind the server: admission, deadlines, clients that leave, and how it all ends.
#include <gtest/gtest.h>

#include <future>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/error.h"
#include "running_server.h"

namespace odordiff::server {
namespace {

// "/wait" stands at the gate until it opens or the call is ended; "/now" needs no worker.
Router gated(Gate& gate, std::atomic<int>& ended) {
  Router router;
  router.add({"GET", "/wait", [&](const Request&) {
                return Work{Priority::Normal, [&](Call& call) {
                              gate.pass(&call);
                              if (call.ending() != Ending::None) {
                                ++ended;
                                throw Cancelled("ended");
                              }
                              return text_response(200, "text/plain", "waited");
                            }};
              }});
  router.add({"GET", "/errand", [](const Request&) {
                return Work{Priority::Errand, [](Call&) { return text_response(200, "text/plain", "done"); }};
              }});
  router.add({"GET", "/now", [](const Request&) { return text_response(200, "text/plain", "now"); }});
  return router;
}

std::string kind(const Answer& answer) {
  return nlohmann::json::parse(answer.body).at("type").get<std::string>();
}

TEST(Work, AFullQueueRefusesAtOnceAndServesWhatItTook) {
  Gate gate;
  std::atomic<int> ended{0};
  RunningServer server(gated(gate, ended), {}, {1, 2});
  std::vector<std::unique_ptr<RawClient>> taken;
  for (int i = 0; i < 3; ++i) {
    taken.push_back(std::make_unique<RawClient>(server.port()));
    taken.back()->send(message("GET", "/wait"));
    if (i == 0) gate.wait_for_arrivals(1);  // one at work
  }
  while (server.workers().load().waiting < 2) std::this_thread::yield();
  const Answer refused = server.ask("GET", "/wait");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(kind(refused), "urn:odordiff:problem:overloaded");
  EXPECT_GE(std::stoi(refused.header("retry-after")), 1);
  EXPECT_EQ(server.ask("GET", "/now").status, 200);
  EXPECT_EQ(server.ask("GET", "/errand").body, "done");  // its threads are others
  gate.open();
  for (auto& client : taken) EXPECT_EQ(client->answer().body, "waited");
}

TEST(Work, WhatWouldWaitTooLongIsRefusedThoughTheQueueHasRoom) {
  Gate gate;
  std::atomic<int> ended{0};
  Router router = gated(gate, ended);
  router.add({"GET", "/slow", [](const Request&) {
                return Work{Priority::Normal, [](Call&) {
                              const auto until = Clock::now() + std::chrono::milliseconds(20);
                              while (Clock::now() < until) std::this_thread::yield();
                              return text_response(200, "text/plain", "slow");
                            }};
              }});
  RunningServer server(std::move(router), {}, {1, 100, 0.001});
  const auto rest = [&server] {  // an answer is out a moment before its worker is free
    while (server.workers().load().working > 0) std::this_thread::yield();
  };
  EXPECT_EQ(server.ask("GET", "/slow").status, 200);  // now it is known how long work takes
  rest();
  RawClient client(server.port());
  client.send(message("GET", "/wait"));
  gate.wait_for_arrivals(1);
  const Answer refused = server.ask("GET", "/slow");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(kind(refused), "urn:odordiff:problem:overloaded");
  EXPECT_EQ(refused.header("retry-after"), "1");
  gate.open();
  EXPECT_EQ(client.answer().body, "waited");
  rest();
  EXPECT_EQ(server.ask("GET", "/slow").status, 200);
}

TEST(Work, DeadlinesHoldAtWorkAndInTheQueue) {
  Gate gate;
  std::atomic<int> ended{0};
  RunningServer server(gated(gate, ended), {}, {1, 2});
  for (int i = 0; i < 2; ++i) {
    const Answer late = server.ask("GET", "/wait", {}, "X-Request-Timeout: 0.05\r\n");
    EXPECT_EQ(late.status, 504);
    EXPECT_EQ(kind(late), "urn:odordiff:problem:deadline");
  }
  gate.open();
  EXPECT_EQ(server.ask("GET", "/wait", {}, "X-Request-Timeout: 60\r\n").status, 200);
  for (const char* bad : {"0", "-1", "soon", "1e9", "nan", "1;drop"}) {
    EXPECT_EQ(server.ask("GET", "/wait", {}, std::string("X-Request-Timeout: ") + bad + "\r\n").status, 400)
        << bad;
  }
}

TEST(Work, AClientThatLeavesCancelsItsWork) {
  Gate gate;
  std::atomic<int> ended{0};
  RunningServer server(gated(gate, ended), {}, {1, 4});
  {
    RawClient client(server.port());
    client.send(message("GET", "/wait"));
    gate.wait_for_arrivals(1);
    RawClient waiting(server.port());
    waiting.send(message("GET", "/wait"));
    while (server.workers().load().waiting < 1) std::this_thread::yield();
  }
  while (ended < 1 || server.workers().load().waiting + server.workers().load().working > 0)
    std::this_thread::yield();
  EXPECT_EQ(ended, 1);  // the one in the queue never began
  while (server.metrics().clients_left.value() < 2) std::this_thread::yield();
}

TEST(Work, AClientThatOnlyStopsSendingHearsWhyItsWorkEnded) {
  Gate gate;
  std::atomic<int> ended{0};
  RunningServer server(gated(gate, ended));
  RawClient client(server.port());
  client.send(message("GET", "/wait"));
  gate.wait_for_arrivals(1);
  client.half_close();
  EXPECT_EQ(client.answer().status, 499);
}

TEST(Work, PipelinedRequestsWaitBehindWorkWithoutEndingIt) {
  Gate gate;
  std::atomic<int> ended{0};
  RunningServer server(gated(gate, ended));
  RawClient client(server.port());
  client.send(message("GET", "/wait"));
  gate.wait_for_arrivals(1);
  client.send(message("GET", "/now") + message("GET", "/now"));
  gate.open();
  EXPECT_EQ(client.answer().body, "waited");
  EXPECT_EQ(client.answer().body, "now");
  EXPECT_EQ(client.answer().body, "now");
}

TEST(Work, UrgentWorkGoesFirst) {
  Gate gate;
  observe::Registry registry;
  std::vector<int> order;
  Workers workers({1, 10}, registry);
  const auto call = std::make_shared<Call>();
  workers.submit(call, Priority::Normal, [&] { gate.pass(); });
  gate.wait_for_arrivals(1);
  std::promise<void> all;
  workers.submit(call, Priority::Bulk, [&] {
    order.push_back(3);
    all.set_value();
  });
  workers.submit(call, Priority::Normal, [&] { order.push_back(2); });
  workers.submit(call, Priority::Quick, [&] { order.push_back(1); });
  const auto withdrawn = workers.submit(call, Priority::Quick, [&] { order.push_back(0); });
  EXPECT_TRUE(workers.withdraw(withdrawn));
  EXPECT_FALSE(workers.withdraw(withdrawn));
  gate.open();
  all.get_future().wait();
  EXPECT_EQ(order, (std::vector{1, 2, 3}));
}

TEST(Drain, WhatIsAtWorkFinishesAndNothingNewComesIn) {
  Gate gate;
  std::atomic<int> ended{0};
  RunningServer server(gated(gate, ended));
  RawClient idle(server.port());
  idle.send(message("GET", "/now"));
  EXPECT_EQ(idle.answer().status, 200);
  RawClient busy(server.port());
  busy.send(message("GET", "/wait"));
  gate.wait_for_arrivals(1);
  EXPECT_TRUE(server.lifecycle().ready);
  server.server().drain();
  EXPECT_FALSE(server.lifecycle().ready);
  auto drained = std::async(std::launch::async, [&] { server.server().wait(); });
  EXPECT_EQ(idle.read_all(), "");  // closed, between requests
  gate.open();
  const Answer last = busy.answer();
  EXPECT_EQ(last.body, "waited");
  EXPECT_EQ(last.header("connection"), "close");
  drained.get();
  EXPECT_THROW(RawClient(server.port()), std::runtime_error);
  EXPECT_EQ(ended, 0);
}

TEST(Drain, ReadinessEndsBeforeAccepting) {
  Gate gate;
  std::atomic<int> ended{0};
  HttpOptions options;
  options.drain_delay_ms = 60'000;
  RunningServer server(gated(gate, ended), options);
  auto drained = std::async(std::launch::async, [&] { server.server().wait(); });
  server.server().drain();
  EXPECT_FALSE(server.lifecycle().ready);
  EXPECT_EQ(server.ask("GET", "/now").status, 200);  // balancers take their time
  server.server().hurry();
  drained.get();
}

TEST(Drain, PatienceEndsAndWorkHearsSo) {
  Gate gate;
  std::atomic<int> ended{0};
  HttpOptions options;
  options.drain_timeout_ms = 50;
  RunningServer server(gated(gate, ended), options);
  RawClient busy(server.port());
  busy.send(message("GET", "/wait"));
  gate.wait_for_arrivals(1);
  server.server().drain();
  auto drained = std::async(std::launch::async, [&] { server.server().wait(); });
  const Answer last = busy.answer();
  EXPECT_EQ(last.status, 503);
  EXPECT_NE(last.header("retry-after"), "");
  drained.get();
  EXPECT_EQ(ended, 1);
}

}  // namespace
}  // namespace odordiff::server
