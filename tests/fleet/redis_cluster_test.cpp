// Three primaries that share the slots: the client goes where the key is, also while slots move.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>

#include "fleet/redis/client.h"
#include "fleet/redis/key_slot.h"
#include "fleet/shared_cache.h"
#include "processes.h"

namespace odordiff::fleet::redis {
namespace {

using std::chrono::milliseconds;

struct ThreeNodes {
  ThreeNodes() {
    for (int i = 0; i < 3; ++i) {
      nodes.push_back(std::make_unique<RedisServer>(
          RedisOptions{.config = "cluster-enabled yes\ncluster-node-timeout 2000\ncluster-port " +
                                 std::to_string(free_port()) + "\n"}));
    }
    const auto bus = [&](const RedisServer& node) {
      std::ifstream file(node.folder() / "redis.conf");
      std::string word;
      while (file >> word && word != "cluster-port") {
      }
      file >> word;
      return word;
    };
    constexpr int kEnds[] = {0, 5461, 10923, kSlots};
    for (std::size_t i = 0; i < 3; ++i) {
      direct.push_back(std::make_unique<Client>(parse_url(nodes[i]->url())));
      direct[i]->command({"CLUSTER", "SET-CONFIG-EPOCH", std::to_string(i + 1)}, kLong);
      direct[i]->command(
          {"CLUSTER", "ADDSLOTSRANGE", std::to_string(kEnds[i]), std::to_string(kEnds[i + 1] - 1)}, kLong);
    }
    for (std::size_t i = 1; i < 3; ++i) {
      direct[i]->command({"CLUSTER", "MEET", "127.0.0.1", std::to_string(nodes[0]->port), bus(*nodes[0])},
                         kLong);
    }
    for (const auto& node : direct) {
      EXPECT_TRUE(becomes_true([&] {
        const std::string info = node->command({"CLUSTER", "INFO"}, kLong).as_text();
        return info.find("cluster_state:ok") != std::string::npos &&
               info.find("cluster_known_nodes:3") != std::string::npos &&
               node->command({"CLUSTER", "SLOTS"}, kLong).items.size() == 3;
      }));
    }
  }

  std::string url() const { return "redis+cluster://127.0.0.1:" + std::to_string(nodes[0]->port); }
  std::string id(std::size_t i) const { return direct[i]->command({"CLUSTER", "MYID"}, kLong).as_text(); }

  static constexpr CallOptions kLong{milliseconds(10'000)};
  std::vector<std::unique_ptr<RedisServer>> nodes;
  std::vector<std::unique_ptr<Client>> direct;
};

TEST(RedisCluster, GoesWhereTheKeyIsAlsoWhileSlotsMove) {
  const ThreeNodes three;
  constexpr CallOptions kLong = ThreeNodes::kLong;
  Client client(parse_url(three.url()));
  std::vector<Command> sets;
  for (int i = 0; i < 300; ++i) sets.push_back({"SET", "key" + std::to_string(i), std::to_string(i)});
  for (const auto& reply : client.pipeline(sets, kLong)) EXPECT_EQ(reply.as_text(), "OK");
  for (int i = 0; i < 300; i += 7) {
    EXPECT_EQ(client.command({"GET", "key" + std::to_string(i)}, kLong).as_text(), std::to_string(i));
  }
  for (const auto& node : three.direct) EXPECT_GT(node->command({"DBSIZE"}, kLong).as_integer(), 50);
  EXPECT_EQ(client.status().server, "3 nodes");

  // Keys of several slots are an error before anything is sent; those of one tag are not.
  EXPECT_THROW(client.command({"MGET", "key1", "key2"}, kLong), InvalidInput);
  EXPECT_EQ(client.command({"MSET", "{t}a", "1", "{t}b", "2"}, kLong).as_text(), "OK");
  EXPECT_EQ(client.transaction({{"INCR", "{t}a"}, {"INCR", "{t}b"}}, kLong)[1].as_integer(), 3);
  const Script script("return redis.call('GET', KEYS[1])");
  EXPECT_EQ(client.eval(script, {"{t}a"}, {}, kLong).as_text(), "2");

  // One that speaks to a single node is told that it is a cluster.
  try {
    for (const auto& node : three.direct) node->command({"GET", "{t}a"}, kLong);
    ADD_FAILURE();
  } catch (const Refused& refused) {
    EXPECT_EQ(refused.code(), "MOVED");
    EXPECT_NE(std::string(refused.what()).find("redis+cluster://"), std::string::npos) << refused.what();
  }

  // ASK: the slot of {t} is on its way from its owner to another, and one of its two keys is there already.
  const int slot = key_slot("t");
  const std::size_t from = slot < 5461 ? 0 : slot < 10923 ? 1 : 2;
  const std::size_t to = (from + 1) % 3;
  const std::string number = std::to_string(slot);
  three.direct[to]->command({"CLUSTER", "SETSLOT", number, "IMPORTING", three.id(from)}, kLong);
  three.direct[from]->command({"CLUSTER", "SETSLOT", number, "MIGRATING", three.id(to)}, kLong);
  three.direct[from]->command(
      {"MIGRATE", "127.0.0.1", std::to_string(three.nodes[to]->port), "{t}a", "0", "5000"}, kLong);
  EXPECT_EQ(client.command({"GET", "{t}a"}, kLong).as_text(), "2");
  EXPECT_EQ(client.command({"GET", "{t}b"}, kLong).as_text(), "3");
  EXPECT_EQ(client.transaction({{"INCR", "{t}a"}}, kLong)[0].as_integer(), 3);
  EXPECT_EQ(client.command({"SET", "{t}new", "1"}, kLong).as_text(), "OK");

  // MOVED: the slot has arrived.
  three.direct[from]->command(
      {"MIGRATE", "127.0.0.1", std::to_string(three.nodes[to]->port), "{t}b", "0", "5000"}, kLong);
  for (const std::size_t i : {to, from}) {
    three.direct[i]->command({"CLUSTER", "SETSLOT", number, "NODE", three.id(to)}, kLong);
  }
  EXPECT_EQ(client.command({"GET", "{t}b"}, kLong).as_text(), "3");
  EXPECT_EQ(client.command({"INCR", "{t}a"}, kLong).as_integer(), 4);
  client.command({"RPUSH", "{t}list", "x"}, kLong);
  EXPECT_EQ(client.blocking({"BLPOP", "{t}list", "1"}, kLong).items[1].text, "x");
}

TEST(RedisCluster, CarriesTheSharedCache) {
  const ThreeNodes three;
  SharedCacheOptions options;
  options.call_timeout = milliseconds(5000);
  SharedCache one(std::make_shared<Client>(parse_url(three.url())), options);
  SharedCache other(std::make_shared<Client>(parse_url(three.url())), options);
  std::atomic<int> told{0};
  const auto listening = other.tell({[&](const std::string&) { ++told; }, [&] { ++told; }});
  ASSERT_TRUE(becomes_true(
      [&] { return one.redis_status().connections > 1 && other.redis_status().connections > 1; }));
  cache::Entry entry;
  entry.forms.push_back(std::make_shared<const cache::Form>(cache::Form{"json", "", "", "answer"}));
  entry.tags = {"model"};
  const cache::Tier::Stored stored{std::make_shared<const cache::Entry>(entry),
                                   {.fresh_ms = 60'000, .stale_ms = 0}};
  const std::atomic<bool> unwanted{false};
  for (int i = 0; i < 20; ++i) {
    const std::string key = "key" + std::to_string(i);
    const auto claimed = one.get_or_claim(key, unwanted);
    ASSERT_NE(claimed.claim, nullptr) << i;
    one.put(key, stored);
    EXPECT_TRUE(other.get_or_claim(key, unwanted).stored.has_value()) << i;
  }
  EXPECT_EQ(one.stats().errors + other.stats().errors, 0U);
  one.purge("model");
  EXPECT_TRUE(becomes_true([&] { return told >= 1; }));
  EXPECT_FALSE(other.get("key1").has_value());
}

TEST(RedisCluster, WhatIsNoClusterIsSaidToBeNone) {
  const RedisServer server;
  Client client(parse_url("redis+cluster://127.0.0.1:" + std::to_string(server.port)));
  try {
    client.command({"GET", "a"}, {milliseconds(1000)});
    ADD_FAILURE();
  } catch (const Unavailable& error) {
    EXPECT_NE(std::string(error.what()).find("so it is no cluster"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace odordiff::fleet::redis
