// What the client does when Redis is away, hangs, talks nonsense, or cannot do what it is told.
#include <gtest/gtest.h>
#include <poll.h>

#include <atomic>
#include <thread>

#include "fleet/redis/client.h"
#include "processes.h"

namespace odordiff::fleet::redis {
namespace {

using std::chrono::milliseconds;
using Time = std::chrono::steady_clock;

milliseconds since(Time::time_point begin) {
  return std::chrono::duration_cast<milliseconds>(Time::now() - begin);
}

std::string trouble_of(Client& client, Command command, CallOptions options) {
  try {
    client.command(std::move(command), options);
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

// Takes connections and answers each thing that comes with the same bytes; nothing: only closes.
class Babbler {
 public:
  explicit Babbler(std::string words) : words_(std::move(words)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    ::listen(listener_, 16);
    port = ntohs(address.sin_port);
    thread_ = std::jthread([this](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        pollfd ready{listener_, POLLIN, 0};
        if (::poll(&ready, 1, 20) != 1) continue;
        const int socket = ::accept(listener_, nullptr, nullptr);
        char buffer[1024];
        if (::recv(socket, buffer, sizeof buffer, 0) > 0 && !words_.empty()) {
          (void)::send(socket, words_.data(), words_.size(), MSG_NOSIGNAL);
          (void)::recv(socket, buffer, sizeof buffer, 0);
        }
        ::close(socket);
      }
    });
  }
  ~Babbler() {
    thread_.request_stop();
    thread_.join();
    ::close(listener_);
  }
  std::string url() const { return "redis://127.0.0.1:" + std::to_string(port); }
  std::uint16_t port = 0;

 private:
  const std::string words_;
  int listener_;
  std::jthread thread_;
};

TEST(RedisFaults, WhatIsNoRedisIsSaidToBeNone) {
  const Babbler web("HTTP/1.1 400 Bad Request\r\n\r\n");
  Client client(parse_url(web.url()));
  const std::string said = trouble_of(client, {"PING"}, {milliseconds(1500)});
  EXPECT_NE(said.find("may be no Redis server"), std::string::npos) << said;
  const Babbler closing("");
  Client other(parse_url(closing.url()));
  const std::string closed = trouble_of(other, {"PING"}, {milliseconds(1500)});
  EXPECT_NE(closed.find("before it greeted"), std::string::npos) << closed;
  const Babbler old("-ERR unknown command 'HELLO'\r\n+PONG\r\n");
  Client third(parse_url(old.url()));
  const std::string aged = trouble_of(third, {"PING"}, {milliseconds(1500)});
  EXPECT_NE(aged.find("older than Redis 6"), std::string::npos) << aged;
}

TEST(RedisFaults, ABreakerMakesCallsFailAtOnceAndLetsThemThroughAgain) {
  RedisServer server;
  observe::Registry registry;
  Client client(parse_url(server.url()), &registry);
  client.command({"SET", "a", "1"});
  server.kill();
  // Calls wait for the server to come back, until the fifth failure.
  (void)trouble_of(client, {"GET", "a"}, {milliseconds(10'000)});
  ASSERT_TRUE(becomes_true([&] { return client.status().breaker != BreakerState::Closed; }));
  const auto begin = Time::now();
  const std::string said = trouble_of(client, {"GET", "a"}, {milliseconds(10'000)});
  EXPECT_LT(since(begin), milliseconds(1000));
  EXPECT_NE(said.find("5 failures in a row"), std::string::npos) << said;
  EXPECT_NE(said.find("Connection refused"), std::string::npos) << said;
  EXPECT_FALSE(client.status().ready);
  EXPECT_NE(registry.text().find("odordiff_redis_breakers_open 1"), std::string::npos);
  server.start();
  ASSERT_TRUE(becomes_true([&] { return client.status().ready; }));
  EXPECT_EQ(client.command({"SET", "a", "2"}).as_text(), "OK");
  EXPECT_NE(registry.text().find("odordiff_redis_breakers_open 0"), std::string::npos);
}

TEST(RedisFaults, AServerThatComesBackSoonIsWaitedFor) {
  RedisServer server;
  Options options = parse_url(server.url());
  options.breaker_failures = 1000;
  Client client(options);
  client.command({"PING"});
  server.kill();
  std::atomic<int> answered{0};
  for (int i = 0; i < 10; ++i) {
    client.send({"INCR", "n"}, {milliseconds(20'000), Retry::Safe}, [&](const Outcome& outcome) {
      if (!outcome.error) ++answered;
    });
  }
  server.start();
  EXPECT_TRUE(becomes_true([&] { return answered == 10; }));
  EXPECT_GE(client.status().reconnects, 1U);
}

TEST(RedisFaults, AServerThatHangsIsNoticedAndLeft) {
  RedisServer server;
  Options options = parse_url(server.url());
  options.command_timeout = milliseconds(300);
  options.connect_timeout = milliseconds(300);
  Client client(options);
  client.command({"SET", "a", "1"}, {milliseconds(5000)});
  ASSERT_TRUE(becomes_true([&] { return client.status().connections == 2; }));
  server.freeze();
  const auto begin = Time::now();
  EXPECT_THROW(client.command({"INCR", "a"}), UnknownFate);
  EXPECT_GE(since(begin), milliseconds(290));
  EXPECT_LT(since(begin), milliseconds(2000));
  // The connections go, and so does the wish to ask.
  EXPECT_TRUE(
      becomes_true([&] { return client.status().connections <= 1 && client.status().reconnects > 0; }));
  for (int i = 0; i < 6; ++i) (void)trouble_of(client, {"GET", "a"}, {milliseconds(100)});
  ASSERT_TRUE(becomes_true([&] { return client.status().breaker != BreakerState::Closed; }));
  const auto again = Time::now();
  (void)trouble_of(client, {"GET", "a"}, {milliseconds(5000)});
  EXPECT_LT(since(again), milliseconds(1000));
  server.thaw();
  EXPECT_TRUE(becomes_true([&] { return client.status().ready; }));
}

TEST(RedisFaults, ARestingConnectionIsAskedWhetherItLives) {
  RedisServer server;
  Options options = parse_url(server.url());
  options.health_interval = milliseconds(50);
  options.command_timeout = milliseconds(200);
  Client client(options);
  client.command({"PING"}, {milliseconds(5000)});
  server.freeze();
  EXPECT_TRUE(becomes_true([&] { return !client.status().trouble.empty(); }));
  server.thaw();
}

// INCR may have been carried out or not; nobody does it twice.
TEST(RedisFaults, WhatMayHaveBeenDoneIsNotDoneAgain) {
  RedisServer server;
  Client client(parse_url(server.url()));
  client.command({"PING"});
  for (int round = 0; round < 5; ++round) {
    std::atomic<int> ended{0}, ok{0}, unknown{0};
    constexpr int kCalls = 300;
    for (int i = 0; i < kCalls; ++i) {
      client.send({"DEBUG", "SLEEP", "0"}, {milliseconds(8000)}, [](const Outcome&) {});
      client.send({"INCR", "n"}, {milliseconds(8000)}, [&](const Outcome& outcome) {
        if (!outcome.error) {
          ++ok;
        } else {
          try {
            std::rethrow_exception(outcome.error);
          } catch (const UnknownFate&) {
            ++unknown;
          } catch (const Error&) {
          }
        }
        ++ended;
      });
    }
    client.command({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "no"}, {milliseconds(8000), Retry::Safe});
    ASSERT_TRUE(becomes_true([&] { return ended == kCalls; }));
    const auto count = std::stoi(client.command({"GET", "n"}, {milliseconds(8000), Retry::Safe}).as_text());
    EXPECT_GE(count, ok);
    EXPECT_LE(count, ok + unknown);
    client.command({"SET", "n", "0"}, {milliseconds(8000), Retry::Safe});
  }
}

TEST(RedisFaults, AReplicaAndAFullServerSayWhy) {
  const RedisServer primary;
  const RedisServer replica({.config = "replicaof 127.0.0.1 " + std::to_string(primary.port) + "\n"});
  Client client(parse_url(replica.url()));
  std::string said;
  ASSERT_TRUE(becomes_true([&] {
    said = trouble_of(client, {"SET", "a", "1"}, {milliseconds(5000)});
    return said.find("LOADING") == std::string::npos;
  }));
  EXPECT_NE(said.find("takes no writes; name the primary"), std::string::npos) << said;

  const RedisServer full({.config = "maxmemory 1mb\nmaxmemory-policy noeviction\n"});
  Client other(parse_url(full.url()));
  const std::string memory =
      trouble_of(other, {"SET", "a", std::string(2'000'000, 'x')}, {milliseconds(5000)});
  EXPECT_NE(memory.find("raise maxmemory"), std::string::npos) << memory;
  EXPECT_EQ(other.command({"PING"}).as_text(), "PONG");
}

TEST(RedisFaults, WhatIsDueWhenTheClientGoesIsCancelled) {
  RedisServer server;
  std::atomic<int> cancelled{0};
  {
    Client client(parse_url(server.url()));
    client.command({"PING"});
    server.freeze();
    for (int i = 0; i < 100; ++i) {
      client.send({"PING"}, {milliseconds(60'000)}, [&](const Outcome& outcome) {
        try {
          if (outcome.error) std::rethrow_exception(outcome.error);
        } catch (const Cancelled&) {
          ++cancelled;
        }
      });
    }
  }
  EXPECT_EQ(cancelled, 100);
  server.thaw();
}

}  // namespace
}  // namespace odordiff::fleet::redis
