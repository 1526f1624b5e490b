// A primary, a replica and three sentinels: the client finds the primary, and its successor, and work that
// was handed over is not lost between them.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>

#include "fleet/celery/hand_over.h"
#include "fleet/celery/message.h"
#include "fleet/redis/client.h"
#include "processes.h"

namespace odordiff::fleet::redis {
namespace {

using std::chrono::milliseconds;
using Time = std::chrono::steady_clock;

struct Watched {
  Watched() {
    replica = std::make_unique<RedisServer>(
        RedisOptions{.config = "replicaof 127.0.0.1 " + std::to_string(primary.port) + "\n"});
    for (int i = 0; i < 3; ++i) {
      sentinels.push_back(std::make_unique<RedisServer>(
          RedisOptions{.config = "sentinel monitor mymaster 127.0.0.1 " + std::to_string(primary.port) +
                                 " 2\nsentinel down-after-milliseconds mymaster 500\n"
                                 "sentinel failover-timeout mymaster 2000\n",
                       .sentinel = true}));
    }
    // Each sentinel has found the replica and the two others.
    for (const auto& sentinel : sentinels) {
      EXPECT_TRUE(becomes_true([&] {
        const std::string masters = answer_of(sentinel->port, "INFO sentinel\r\n");
        return masters.find("slaves=1,sentinels=3") != std::string::npos;
      })) << sentinel->log();
    }
    EXPECT_TRUE(becomes_true([&] {
      return answer_of(replica->port, "INFO replication\r\n").find("master_link_status:up") !=
             std::string::npos;
    }));
  }

  std::string url(std::size_t first, std::size_t count) const {
    std::string out = "redis+sentinel://";
    for (std::size_t i = first; i < first + count; ++i) {
      out += (i > first ? ",127.0.0.1:" : "127.0.0.1:") + std::to_string(sentinels[i]->port);
    }
    return out + "/mymaster";
  }

  RedisServer primary;
  std::unique_ptr<RedisServer> replica;
  std::vector<std::unique_ptr<RedisServer>> sentinels;
};

TEST(RedisSentinel, FollowsAFailover) {
  Watched watched;
  observe::Registry registry;
  Client client(parse_url(watched.url(0, 3)), &registry);
  std::atomic<int> ready{0}, gaps{0}, heard{0};
  const auto subscription = client.subscribe(
      {"news"}, {.message = [&](auto, auto) { ++heard; }, .ready = [&] { ++ready; }, .gap = [&] { ++gaps; }});
  ASSERT_EQ(client.command({"SET", "a", "1"}, {milliseconds(10'000)}).as_text(), "OK");
  EXPECT_EQ(client.status().server, "127.0.0.1:" + std::to_string(watched.primary.port));
  ASSERT_TRUE(becomes_true([&] { return ready == 1; }));
  ASSERT_TRUE(becomes_true([&] { return answer_of(watched.replica->port, "GET a\r\n") == "$1\r\n1\r\n"; }));

  const auto killed = Time::now();
  watched.primary.kill();
  std::optional<milliseconds> recovered;
  EXPECT_TRUE(becomes_true(
      [&] {
        try {
          client.command({"SET", "a", "2"}, {milliseconds(500)});
          recovered = std::chrono::duration_cast<milliseconds>(Time::now() - killed);
          return true;
        } catch (const Unavailable&) {
          return false;
        }
      },
      std::chrono::seconds(30)));
  ASSERT_TRUE(recovered.has_value());
  RecordProperty("recovered_ms", static_cast<int>(recovered->count()));
  std::printf("down-after 500 ms: writes go on %lld ms after kill -9\n",
              static_cast<long long>(recovered->count()));
  EXPECT_EQ(client.status().server, "127.0.0.1:" + std::to_string(watched.replica->port));
  EXPECT_EQ(client.status().failovers, 1U);
  EXPECT_NE(registry.text().find("odordiff_redis_failovers_total 1"), std::string::npos);
  ASSERT_TRUE(becomes_true([&] { return gaps >= 1; }));
  client.command({"PUBLISH", "news", "x"}, {milliseconds(10'000)});
  EXPECT_TRUE(becomes_true([&] { return heard == 1; }));
}

TEST(RedisSentinel, AnyReachableSentinelWillDoAndAPlannedChangeIsSeen) {
  Watched watched;
  watched.sentinels[0]->kill();
  const std::uint16_t nobody = free_port();
  Client client(parse_url("redis+sentinel://127.0.0.1:" + std::to_string(nobody) +
                          ",127.0.0.1:" + std::to_string(watched.sentinels[0]->port) +
                          ",127.0.0.1:" + std::to_string(watched.sentinels[1]->port) + "/mymaster"));
  ASSERT_EQ(client.command({"SET", "a", "1"}, {milliseconds(10'000)}).as_text(), "OK");
  ASSERT_TRUE(becomes_true([&] {
    return answer_of(watched.sentinels[1]->port, "SENTINEL FAILOVER mymaster\r\n").starts_with("+OK");
  }));
  // The old primary lives, and becomes a replica that refuses writes.
  EXPECT_TRUE(becomes_true([&] {
    try {
      client.command({"SET", "a", "2"}, {milliseconds(2000)});
    } catch (const Unavailable&) {
    }
    return client.status().server == "127.0.0.1:" + std::to_string(watched.replica->port);
  }));
  EXPECT_EQ(client.command({"SET", "a", "3"}, {milliseconds(10'000)}).as_text(), "OK");
}

TEST(RedisSentinel, WhatIsHandedOverIsSentAgainAfterAFailoverAndOnceMore) {
  Watched watched;
  observe::Registry registry;
  Client client(parse_url(watched.url(0, 3)), &registry);
  HandOver hand_over(client,
                     {.identity = {"m", "1", "fp32", "cpu-fma", "v"},
                      .resend_after_failover = milliseconds(1000),
                      .look = milliseconds(50)},
                     registry);
  std::atomic<bool> cancel{false};
  auto answer = std::async(std::launch::async, [&] { return hand_over.run("a prompt", cancel); });
  const auto sent = [&](const RedisServer& server) {
    return answer_of(server.port, "LRANGE " + celery_list("batch", 5) + " 0 9\r\n").substr(0, 2);
  };
  ASSERT_TRUE(becomes_true([&] { return sent(*watched.replica) == "*1"; }));
  ASSERT_TRUE(becomes_true([&] {
    return answer_of(watched.sentinels[0]->port, "SENTINEL FAILOVER mymaster\r\n").starts_with("+OK");
  }));
  EXPECT_TRUE(becomes_true([&] { return sent(*watched.replica) == "*2"; }));
  EXPECT_TRUE(
      becomes_true([&] { return sent(*watched.replica) == "*3"; }));  // its answer went to the old one
  client.command(
      {"SET", celery_result_key(task_id_of("v\na prompt")), R"({"status":"SUCCESS","result":"{}"})"},
      {milliseconds(10'000)});
  EXPECT_EQ(answer.wait_for(std::chrono::seconds(20)), std::future_status::ready);
  cancel = true;
  EXPECT_EQ(answer.get(), "{}");
}

TEST(RedisSentinel, SaysWhatTheSentinelsDoNotKnow) {
  const RedisServer primary;
  const RedisServer sentinel(
      {.config = "sentinel monitor mymaster 127.0.0.1 " + std::to_string(primary.port) + " 1\n",
       .sentinel = true});
  Client client(parse_url("redis+sentinel://127.0.0.1:" + std::to_string(sentinel.port) + "/other"));
  try {
    client.command({"PING"}, {milliseconds(1000)});
    ADD_FAILURE();
  } catch (const Unavailable& error) {
    EXPECT_NE(std::string(error.what()).find("watches over no primary"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace odordiff::fleet::redis
