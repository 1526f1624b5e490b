// The client and a real Redis: commands, order, transactions, scripts, waiting, channels.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <mutex>
#include <thread>

#include "fleet/redis/client.h"
#include "processes.h"

namespace odordiff::fleet::redis {
namespace {

using std::chrono::milliseconds;

std::string message_of_call(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(RedisClient, SetsAndGets) {
  const RedisServer server;
  Client client(parse_url(server.url()));
  EXPECT_EQ(client.command({"SET", "key", std::string("a\0b\r\n", 5)}).as_text(), "OK");
  EXPECT_EQ(client.command({"GET", "key"}).as_text(), std::string("a\0b\r\n", 5));
  EXPECT_TRUE(client.command({"GET", "other"}).is_nil());
  EXPECT_EQ(client.command({"INCR", "n"}).as_integer(), 1);
  client.command({"HSET", "h", "a", "1", "b", "2"});
  EXPECT_EQ(client.command({"HGETALL", "h"}).find("b")->as_text(), "2");
  EXPECT_TRUE(client.status().ready);
  EXPECT_EQ(client.status().server, "127.0.0.1:" + std::to_string(server.port));
}

TEST(RedisClient, SaysWhatTheServerRefused) {
  const RedisServer server;
  Client client(parse_url(server.url()));
  client.command({"SET", "key", "text"});
  try {
    client.command({"LPUSH", "key", "x"});
    ADD_FAILURE();
  } catch (const Refused& refused) {
    EXPECT_EQ(refused.code(), "WRONGTYPE");
  }
  EXPECT_THROW(client.command({}), InvalidInput);
  EXPECT_THROW(client.command({"LPUSH", "key", "x"}).as_integer(), Unavailable);
}

TEST(RedisClient, KeepsTheOrderOfEachThread) {
  const RedisServer server;
  observe::Registry registry;
  Client client(parse_url(server.url()), &registry);
  constexpr int kThreads = 16, kCalls = 500;
  std::atomic<int> wrong{0}, answered{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        const std::string key = "list" + std::to_string(t);
        for (int i = 0; i < kCalls; ++i) {
          // The length of the list is the number of the call, unless some other answer was given to it.
          client.send({"RPUSH", key, std::to_string(i)}, {milliseconds(30'000)},
                      [&, i](const Outcome& outcome) {
                        if (outcome.error || outcome.reply.integer != i + 1) ++wrong;
                        ++answered;
                      });
        }
        if (client.command({"ECHO", key}, {milliseconds(30'000)}).as_text() != key) ++wrong;
      });
    }
  }
  EXPECT_TRUE(becomes_true([&] { return answered == kThreads * kCalls; }));
  EXPECT_EQ(wrong, 0);
  const auto list = client.command({"LRANGE", "list3", "0", "-1"});
  for (int i = 0; i < kCalls; ++i) EXPECT_EQ(list.items[static_cast<std::size_t>(i)].text, std::to_string(i));
  const std::string page = registry.text();
  EXPECT_NE(page.find("odordiff_redis_commands_total{result=\"ok\"} 8017"), std::string::npos) << page;
  EXPECT_NE(page.find("odordiff_redis_connections 2"), std::string::npos) << page;
}

TEST(RedisClient, PipelinesAndTransacts) {
  const RedisServer server;
  Client client(parse_url(server.url()));
  const auto replies = client.pipeline({{"SET", "a", "1"}, {"LPUSH", "a", "x"}, {"INCR", "a"}});
  EXPECT_EQ(replies[0].as_text(), "OK");
  EXPECT_TRUE(replies[1].is_error());
  EXPECT_EQ(replies[2].as_integer(), 2);
  const auto done = client.transaction({{"INCR", "a"}, {"INCRBY", "a", "10"}});
  ASSERT_EQ(done.size(), 2U);
  EXPECT_EQ(done[1].as_integer(), 13);
  EXPECT_THROW(client.transaction({{"INCR", "a"}, {"NOSUCHCOMMAND"}}), Refused);
  EXPECT_EQ(client.command({"GET", "a"}).as_text(), "13");
}

TEST(RedisClient, RunsScriptsThatTheServerDoesNotKnowYet) {
  const RedisServer server;
  Client client(parse_url(server.url()));
  const Script script("return {KEYS[1], ARGV[1]}");
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(client.eval(script, {"k"}, {"v"}).as_items()[1].as_text(), "v");
  }
  client.command({"SCRIPT", "FLUSH"});
  EXPECT_EQ(client.eval(script, {"k"}, {"w"}).as_items()[1].as_text(), "w");
}

TEST(RedisClient, WaitsAtTheServerOnConnectionsOfTheirOwn) {
  const RedisServer server;
  Options options = parse_url(server.url());
  options.max_blocking = 3;
  Client client(options);
  std::atomic<int> got{0};
  for (int i = 0; i < 3; ++i) {
    client.send_blocking({"BLPOP", "queue", "20"}, {milliseconds(21'000)}, [&](const Outcome& outcome) {
      if (!outcome.error && outcome.reply.items.size() == 2) ++got;
    });
  }
  ASSERT_TRUE(becomes_true([&] {
    return client.command({"INFO", "clients"}).as_text().find("blocked_clients:3") != std::string::npos;
  }));
  // All three are taken; others wait, and the shared connections do not.
  EXPECT_THROW(client.blocking({"BLPOP", "queue", "1"}, {milliseconds(100)}), Unavailable);
  client.command({"RPUSH", "queue", "a", "b", "c"});
  EXPECT_TRUE(becomes_true([&] { return got == 3; }));
  EXPECT_TRUE(client.blocking({"BLPOP", "queue", "0.05"}, {milliseconds(5'000)}).is_nil());
  client.command({"RPUSH", "queue", "d"});
  EXPECT_EQ(client.blocking({"BLPOP", "queue", "1"}, {milliseconds(5'000)}).items[1].text, "d");
}

TEST(RedisClient, HearsChannels) {
  const RedisServer server;
  Client client(parse_url(server.url()));
  std::mutex mutex;
  std::vector<std::string> heard;
  std::atomic<int> ready{0};
  auto subscription = client.subscribe(
      {"one", "two"}, {.message =
                           [&](std::string_view channel, std::string_view payload) {
                             const std::lock_guard lock(mutex);
                             heard.push_back(std::string(channel) + "=" + std::string(payload));
                           },
                       .ready = [&] { ++ready; }});
  ASSERT_TRUE(becomes_true([&] { return ready == 1; }));
  // A second one on the connection that stands.
  std::atomic<int> others{0};
  auto other = client.subscribe({"two", "three"},
                                {.message = [&](auto, auto) { ++others; }, .ready = [&] { ++ready; }});
  ASSERT_TRUE(becomes_true([&] { return ready == 2; }));
  client.command({"PUBLISH", "one", "1"});
  client.command({"PUBLISH", "two", "2"});
  client.command({"PUBLISH", "three", "3"});
  ASSERT_TRUE(becomes_true([&] { return others == 2; }));
  subscription.end();
  client.command({"PUBLISH", "two", "4"});
  ASSERT_TRUE(becomes_true([&] { return others == 3; }));
  EXPECT_EQ(client.command({"PUBLISH", "one", "5"}).as_integer(), 0);
  const std::lock_guard lock(mutex);
  EXPECT_EQ(heard, (std::vector<std::string>{"one=1", "two=2"}));
}

TEST(RedisClient, SubscribesAgainAndTellsOfTheGap) {
  RedisServer server;
  Client client(parse_url(server.url()));
  std::atomic<int> ready{0}, gaps{0}, messages{0};
  const auto subscription = client.subscribe(
      {"news"},
      {.message = [&](auto, auto) { ++messages; }, .ready = [&] { ++ready; }, .gap = [&] { ++gaps; }});
  ASSERT_TRUE(becomes_true([&] { return ready == 1; }));
  server.kill();
  server.start();
  ASSERT_TRUE(becomes_true([&] { return gaps == 1; }));
  client.command({"PUBLISH", "news", "x"}, {milliseconds(10'000)});
  EXPECT_TRUE(becomes_true([&] { return messages == 1; }));
  EXPECT_EQ(ready, 1);
}

TEST(RedisClient, ConnectsWithUsersAndSaysWhenTheyAreWrong) {
  const RedisServer server(
      {.config = "user default off\nuser app on >right ~app:* &* +@all -@dangerous +ping +hello\n"});
  const std::string at = "@127.0.0.1:" + std::to_string(server.port);
  Client client(parse_url("redis://app:right" + at));
  client.command({"SET", "app:x", "1"});
  const std::string denied = message_of_call([&] { client.command({"SET", "other", "1"}); });
  EXPECT_NE(denied.find("ACL"), std::string::npos) << denied;
  Client wrong(parse_url("redis://app:wrong" + at));
  const std::string refused = message_of_call([&] { wrong.command({"GET", "app:x"}, {milliseconds(2000)}); });
  EXPECT_NE(refused.find("the user or the password is wrong"), std::string::npos) << refused;
  EXPECT_EQ(refused.find(":wrong"), std::string::npos) << refused;
  EXPECT_NE(wrong.status().trouble.find("password is wrong"), std::string::npos);
  Client none(parse_url(server.url()));
  const std::string missing = message_of_call([&] { none.command({"GET", "app:x"}, {milliseconds(2000)}); });
  EXPECT_NE(missing.find("put user and password into the Redis URL"), std::string::npos) << missing;
}

struct Certificates {
  Certificates() {
    const std::string in = "cd " + folder.path.string() + " && ";
    const std::string key = "openssl ecparam -name prime256v1 -genkey -noout -out ";
    run(in + key + "ca.key && openssl req -x509 -new -key ca.key -subj /CN=ca -days 2 -out ca.pem");
    for (const char* name : {"server", "client"}) {
      const std::string n = name;
      run(in + key + n + ".key && openssl req -new -key " + n + ".key -subj /CN=" + n + " -out " + n +
          ".csr && printf 'subjectAltName=DNS:localhost,DNS:redis.test' > ext && openssl x509 -req -in " + n +
          ".csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile ext -days 2 -out " + n + ".pem");
    }
  }
  static void run(const std::string& command) {
    EXPECT_EQ(std::system(("{ " + command + "; } >/dev/null 2>&1").c_str()), 0);
  }
  std::string file(const char* name) const { return folder.path / name; }
  Folder folder;
};

TEST(RedisClient, SpeaksTlsToWhomItTrusts) {
  const Certificates certificates;
  const std::uint16_t port = free_port();
  const RedisServer server({.config = "tls-port " + std::to_string(port) + "\ntls-cert-file " +
                                      certificates.file("server.pem") + "\ntls-key-file " +
                                      certificates.file("server.key") + "\ntls-ca-cert-file " +
                                      certificates.file("ca.pem") + "\n"});
  const std::string base = "rediss://127.0.0.1:" + std::to_string(port);
  const std::string ca = "?ca=" + certificates.file("ca.pem");
  const std::string own =
      "&cert=" + certificates.file("client.pem") + "&key=" + certificates.file("client.key");
  Client client(parse_url(base + ca + own + "&server_name=redis.test"));
  EXPECT_EQ(client.command({"SET", "a", std::string(300'000, 'x')}, {milliseconds(10'000)}).as_text(), "OK");
  EXPECT_EQ(client.command({"GET", "a"}, {milliseconds(10'000)}).as_text().size(), 300'000U);

  const auto trouble = [](const std::string& url) {
    Options options = parse_url(url);
    options.breaker_failures = 1;
    Client asking(options);
    return message_of_call([&] { asking.command({"PING"}, {milliseconds(3000)}); });
  };
  EXPECT_NE(trouble(base + ca + own).find("certificate must be signed"), std::string::npos);
  EXPECT_NE(trouble(base + "?server_name=redis.test").find("give the CA"), std::string::npos);
  const std::string without = trouble(base + ca + "&server_name=redis.test");
  EXPECT_NE(without.find("?cert=FILE"), std::string::npos) << without;
  EXPECT_NE(trouble("rediss://127.0.0.1:" + std::to_string(server.port) + ca).find("may not speak TLS"),
            std::string::npos);
  const std::string plain = trouble("redis://127.0.0.1:" + std::to_string(port));
  EXPECT_NE(plain.find("TLS"), std::string::npos) << plain;
  EXPECT_THROW(Client(parse_url(base + "?ca=/no/such/file")), Unavailable);
}

}  // namespace
}  // namespace odordiff::fleet::redis
