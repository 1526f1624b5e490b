// The parts of the gate, one by one: keys, limits, addresses, origins, traces.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <thread>

#include "base/sha256.h"
#include "gate_world.h"
#include "observe/trace_context.h"
#include "server/config/config_error.h"
#include "server/gate/api_keys.h"
#include "server/gate/client_address.h"
#include "server/gate/cors.h"
#include "server/gate/daily_pseudonym.h"
#include "server/gate/gate_policy.h"
#include "server/gate/known_host.h"
#include "server/gate/rate_limiter.h"
#include "server/problem.h"

namespace odordiff::server {
namespace {

TEST(ApiKeys, AKeyIsKnownByItsEntry) {
  const Folder folder;
  const std::string ada = new_api_key(), bob = new_api_key();
  EXPECT_NE(ada, bob);
  EXPECT_TRUE(ada.starts_with("odk_"));
  EXPECT_EQ(ada.size(), 47U);
  std::string text = api_key_entry(ada, {.name = "ada", .sha256 = {}, .role = Role::Admin});
  text += api_key_entry(
      bob, {.name = "bob-2",
            .sha256 = {},
            .role = Role::Viewer,
            .quota = {.requests_per_minute = 300, .samples_per_hour = 5000, .open_jobs = 2, .streams = 0},
            .weight = 3});
  EXPECT_EQ(text.find(ada), std::string::npos) << "the key itself stands nowhere";
  const auto keys = ApiKeys::read(folder.write("keys.toml", text));
  EXPECT_EQ(keys.size(), 2U);
  ASSERT_TRUE(keys.find(ada));
  EXPECT_EQ(keys.find(ada)->subject, "key:ada");
  EXPECT_EQ(keys.find(ada)->role, Role::Admin);
  EXPECT_EQ(keys.find(ada)->quota, OwnQuota{});
  EXPECT_EQ(keys.weight_of("key:ada"), 1);
  EXPECT_EQ(keys.weight_of("key:bob-2"), 3);
  EXPECT_EQ(keys.weight_of("jwt:bob-2"), 1);
  const Quota usual{100, 0, 100, 64};
  const Quota of_bob = keys.find(bob)->quota.over(usual), of_ada = keys.find(ada)->quota.over(usual);
  EXPECT_EQ(of_bob.requests_per_minute, 300);
  EXPECT_EQ(of_bob.samples_per_hour, 5000);
  EXPECT_EQ(of_bob.open_jobs, 2);
  EXPECT_EQ(of_bob.streams, 0);
  EXPECT_EQ(of_ada.requests_per_minute, 100);
  EXPECT_EQ(of_ada.streams, 64);
  for (const std::string& wrong : {std::string(), ada + "x", ada.substr(0, 46), new_api_key()}) {
    EXPECT_FALSE(keys.find(wrong)) << wrong;
  }
}

TEST(ApiKeys, EveryFaultOfTheFileIsNamedWithItsLine) {
  const Folder folder;
  const std::string file = folder.write("keys.toml", R"([[key]]
name = "a b"
role = "boss"
sha256 = "ABC"
rate_limit = -1
colour = 1
[[key]]
[keys]
)");
  try {
    (void)ApiKeys::read(file);
    FAIL();
  } catch (const ConfigError& error) {
    const auto& all = error.faults();
    ASSERT_EQ(all.size(), 9U) << error.what();
    for (const int line : {2, 3, 4, 5, 6}) {
      EXPECT_EQ(all[static_cast<std::size_t>(line - 2)].find(file + ":" + std::to_string(line) + ": "), 0U);
    }
    EXPECT_EQ(all[8], file + ":8: \"keys\" is not known here; a file of keys holds [[key]] tables");
  }
  const std::string key = new_api_key();
  std::string twice = api_key_entry(key, {.name = "a", .sha256 = {}, .role = Role::Viewer});
  twice += api_key_entry(key, {.name = "a", .sha256 = {}, .role = Role::Viewer});
  EXPECT_THROW((void)ApiKeys::read(folder.write("twice.toml", twice)), ConfigError);
}

TEST(Policy, KeysCloseTheServerAndGiveItALimit) {
  const Folder folder;
  ServeConfig config;
  EXPECT_TRUE(make_gate_policy(config).is_open());
  EXPECT_EQ(make_gate_policy(config).quota.requests_per_minute, 0);
  config.rate_limit = 7;
  EXPECT_EQ(make_gate_policy(config).quota.requests_per_minute, 7);
  config.rate_limit = -1;
  config.keys_file = folder.write(
      "keys.toml", api_key_entry(new_api_key(), {.name = "a", .sha256 = {}, .role = Role::Viewer}));
  EXPECT_FALSE(make_gate_policy(config).is_open());
  EXPECT_EQ(make_gate_policy(config).quota.requests_per_minute, 100);
  config.keys_file = folder.write("empty.toml", "");
  EXPECT_THROW((void)make_gate_policy(config), InvalidInput)
      << "emptied by accident, it must not open the server";
  config.keys_file.clear();
  config.jwt_audience = "odordiff";
  EXPECT_THROW((void)make_gate_policy(config), InvalidInput) << "an audience without keys says nothing";
  config.jwt_secret_file = folder.write("secret", "hs256:" + std::string(40, 's'));
  EXPECT_FALSE(make_gate_policy(config).is_open());
  config.jwt_key_file = config.jwt_secret_file;
  EXPECT_THROW((void)make_gate_policy(config), InvalidInput) << "from one place or from another";
  config.jwt_secret_file.clear();
  EXPECT_THROW((void)make_gate_policy(config), InvalidInput) << "a secret only by its own setting";
  config.jwt_key_file = folder.write("key.pem", Signer::ec().pem());
  EXPECT_FALSE(make_gate_policy(config).is_open());
  config.jwt_audience.clear();
  EXPECT_THROW((void)make_gate_policy(config), InvalidInput);
}

TEST(Policy, AReloadOpensNoServerAndKeepsKeysThatAreGood) {
  const Folder folder;
  ServeConfig config;
  config.jwt_audience = "odordiff";
  config.jwt_key_file = folder.write("keys", Signer::ec().pem());
  const GatePolicy running = make_gate_policy(config);
  EXPECT_EQ(make_gate_policy(config, nullptr, &running).tokens->keys(), running.tokens->keys());
  EXPECT_THROW((void)make_gate_policy(ServeConfig{}, nullptr, &running), InvalidInput);
  // What is wrong with the keys keeps nothing else back.
  folder.write("keys", "<html>502</html>");
  EXPECT_EQ(make_gate_policy(config, nullptr, &running).tokens->keys(), running.tokens->keys());
  EXPECT_THROW((void)make_gate_policy(config), InvalidInput);
  folder.write("keys", Json{{"keys", {Signer::ec().jwk("1")}}}.dump());
  EXPECT_THROW(running.tokens->keys()->refresh(), InvalidInput) << "another kind of file";
  EXPECT_FALSE(make_gate_policy(config).is_open()) << "which a start takes";
}

TEST(KnownHost, NamesAndAddressesWithoutTheirPorts) {
  EXPECT_EQ(host_without_port("studio.example.com:8000"), "studio.example.com");
  EXPECT_EQ(host_without_port("[::1]:8000"), "::1");
  EXPECT_EQ(host_without_port("[::1]"), "::1");
  for (const char* ours :
       {"localhost", "LOCALHOST", "localhost.", "studio.localhost", "127.0.0.1", "127.9.8.7", "::1"}) {
    EXPECT_TRUE(is_loopback_host(ours)) << ours;
  }
  for (const char* foreign : {"", "localhost.example", "notlocalhost", "127.0.0.1.nip.io", "128.0.0.1",
                              "0.0.0.0", "::", "127.1", "2130706433", ".localhost"}) {
    EXPECT_FALSE(is_loopback_host(foreign)) << foreign;
  }
  const std::vector<std::string> listed = {"a.example", "*.b.example", "10.0.0.1"};
  for (const char* good : {"a.example", "A.Example.", "x.b.example", "x.y.b.example", "10.0.0.1"}) {
    EXPECT_TRUE(is_listed_host(good, listed)) << good;
  }
  for (const char* other : {"b.example", "xa.example", "a.example.evil", "xb.example", "10.0.0.2", ""}) {
    EXPECT_FALSE(is_listed_host(other, listed)) << other;
  }
  EXPECT_TRUE(is_listed_host("anything", {"*"}));
  for (const char* good : {"*", "a.example", "*.a.example", "10.0.0.1", "::1"})
    EXPECT_EQ(host_name_fault(good), "") << good;
  for (const char* odd : {"", "http://a", "a:80", "a b", "*.", "*a.example", "a/b"})
    EXPECT_NE(host_name_fault(odd), "") << odd;
}

TEST(RateLimiter, AllowsABurstAndThenAsMuchAsRefills) {
  RateLimiter limiter;
  Clock::time_point now{std::chrono::hours(1)};
  for (int i = 0; i < 60; ++i) {
    const auto verdict = limiter.charge("ada", {60}, 1, now);
    EXPECT_TRUE(verdict.allowed);
    EXPECT_EQ(verdict.remaining, 59 - i);
    EXPECT_EQ(verdict.reset_s, i + 1);
  }
  auto verdict = limiter.charge("ada", {60}, 1, now);
  EXPECT_FALSE(verdict.allowed);
  EXPECT_EQ(verdict.remaining, 0);
  EXPECT_EQ(verdict.retry_after_s, 1);
  EXPECT_TRUE(limiter.charge("bob", {60}, 1, now).allowed) << "another caller is not touched";
  now += std::chrono::seconds(1);
  EXPECT_TRUE(limiter.charge("ada", {60}, 1, now).allowed);
  EXPECT_FALSE(limiter.charge("ada", {60}, 1, now).allowed);
  now += std::chrono::minutes(1);
  EXPECT_EQ(limiter.charge("ada", {60}, 1, now).remaining, 59);
  EXPECT_EQ(limiter.charge("slow", {1}, 1, now).remaining, 0);
  EXPECT_EQ(limiter.charge("slow", {1}, 1, now).retry_after_s, 60);
  EXPECT_TRUE(limiter.charge("slow", {1}, 1, now + std::chrono::seconds(60)).allowed);
}

TEST(RateLimiter, ChargesWhatThingsCostAndWhatWasChargedElsewhere) {
  RateLimiter limiter;
  Clock::time_point now{std::chrono::hours(1)};
  const Rate hourly{3600, std::chrono::hours(1)};
  EXPECT_TRUE(limiter.charge("ada", hourly, 3000, now).allowed);
  const auto refused = limiter.charge("ada", hourly, 1000, now);
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.retry_after_s, 400);
  EXPECT_TRUE(limiter.charge("ada", hourly, 600, now).allowed);
  now += std::chrono::hours(1);
  limiter.know("ada", std::chrono::seconds(3599), now);
  EXPECT_TRUE(limiter.charge("ada", hourly, 1, now).allowed);
  EXPECT_FALSE(limiter.charge("ada", hourly, 1, now).allowed);
  limiter.know("ada", std::chrono::seconds(1), now);  // older news
  EXPECT_FALSE(limiter.charge("ada", hourly, 1, now).allowed);
}

TEST(RateLimiter, ManyCallersDoNotMakeItForgetWhoAsksTooMuch) {
  RateLimiter limiter(64);
  const Clock::time_point now{std::chrono::hours(1)};
  for (int i = 0; i < 10; ++i) (void)limiter.charge("greedy", {10}, 1, now);
  int fresh = 0;
  for (int i = 0; i < 10'000; ++i)
    fresh += limiter.charge("caller" + std::to_string(i), {10}, 1, now).allowed ? 1 : 0;
  EXPECT_GT(fresh, 9'900);
  EXPECT_FALSE(limiter.charge("greedy", {10}, 1, now).allowed);
}

TEST(RateLimiter, ThreadsTogetherGetNoMoreThanTheLimit) {
  RateLimiter limiter;
  const Clock::time_point now{std::chrono::hours(1)};
  std::atomic<int> allowed{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i) allowed += limiter.charge("ada", {150}, 1, now).allowed ? 1 : 0;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(allowed.load(), 150);
}

std::string client(const std::string& peer, const Headers& headers, const std::vector<std::string>& trusted) {
  Request request;
  request.headers = headers;
  std::vector<AddressRange> ranges;
  for (const auto& range : trusted) ranges.push_back(*AddressRange::parse(range));
  const auto address = client_address(request, peer, ranges);
  return address ? address->text() : "none";
}

TEST(ClientAddress, OnlyTrustedProxiesAreBelieved) {
  const Headers forwarded = {{"X-Forwarded-For", "6.6.6.6, 1.2.3.4, 10.0.0.2"}};
  EXPECT_EQ(client("9.9.9.9", forwarded, {}), "9.9.9.9");
  EXPECT_EQ(client("9.9.9.9", forwarded, {"10.0.0.0/8"}), "9.9.9.9");
  EXPECT_EQ(client("10.0.0.1", forwarded, {"10.0.0.0/8"}), "1.2.3.4")
      << "what stands before it may be made up";
  EXPECT_EQ(client("10.0.0.1", forwarded, {"10.0.0.1"}), "10.0.0.2");
  EXPECT_EQ(client("10.0.0.1", {}, {"10.0.0.0/8"}), "10.0.0.1");
  EXPECT_EQ(client("10.0.0.1", {{"X-Forwarded-For", "junk"}}, {"10.0.0.0/8"}), "10.0.0.1");
  EXPECT_EQ(client("10.0.0.1", {{"X-Forwarded-For", "1.2.3.4, junk, 10.1.1.1"}}, {"10.0.0.0/8"}), "10.1.1.1");
  EXPECT_EQ(
      client("10.0.0.1", {{"x-forwarded-for", "1.2.3.4"}, {"X-Forwarded-For", "5.6.7.8"}}, {"10.0.0.0/8"}),
      "5.6.7.8");
  EXPECT_EQ(client("::ffff:10.0.0.1", {{"X-Forwarded-For", "2001:db8::1"}}, {"10.0.0.0/8"}), "2001:db8::1");
  EXPECT_EQ(client("", {}, {}), "none");
}

TEST(ClientAddress, RangesAndSitesAreCountedInBits) {
  const auto in = [](const char* range, const char* address) {
    return AddressRange::parse(range)->contains(*Address::parse(address));
  };
  EXPECT_TRUE(in("10.0.0.0/9", "10.127.255.255"));
  EXPECT_FALSE(in("10.0.0.0/9", "10.128.0.0"));
  EXPECT_TRUE(in("0.0.0.0/0", "1.2.3.4"));
  EXPECT_FALSE(in("0.0.0.0/0", "2001:db8::1"));
  EXPECT_TRUE(in("::/0", "2001:db8::1"));
  EXPECT_TRUE(in("2001:db8::/33", "2001:db8:7fff::1"));
  EXPECT_FALSE(in("2001:db8::/33", "2001:db8:8000::1"));
  EXPECT_TRUE(in("127.0.0.1", "::ffff:127.0.0.1"));
  for (const char* odd :
       {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0/8", "::/129", "host", "1.2.3.4/8x"}) {
    EXPECT_FALSE(AddressRange::parse(odd)) << odd;
  }
  EXPECT_EQ(Address::parse("2001:db8:1:2:3:4:5:6")->site(), "2001:db8:1:2::");
  EXPECT_EQ(Address::parse("1.2.3.4")->site(), "1.2.3.4");
}

TEST(Pseudonym, HoldsForADayAndNoLonger) {
  DailyPseudonym names, other;
  const std::int64_t morning = 86'400 * 20'000, night = morning + 86'399;
  const std::string name = names.of("1.2.3.4", morning);
  EXPECT_EQ(name.size(), 16U);
  EXPECT_EQ(names.of("1.2.3.4", night), name);
  EXPECT_NE(names.of("1.2.3.5", night), name);
  EXPECT_NE(other.of("1.2.3.4", night), name) << "another process has another salt";
  const std::string tomorrow = names.of("1.2.3.4", night + 1);
  EXPECT_NE(tomorrow, name);
  EXPECT_NE(names.of("1.2.3.4", morning), name) << "yesterday's salt is gone";
}

TEST(Cors, OriginsAreSchemeAndHost) {
  for (const char* good : {"*", "https://studio.example.com", "http://localhost:5173", "http://[::1]:80"}) {
    EXPECT_EQ(origin_fault(good), "") << good;
  }
  for (const char* odd : {"", "example.com", "https://", "https://a.com/", "ftp://a.com", "https://A.com",
                          "https://a.com\r\nX: y", "null"}) {
    EXPECT_NE(origin_fault(odd), "") << odd;
  }
}

TEST(Trace, AValidParentIsCarriedOn) {
  const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  const std::string tail = "-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const auto next = observe::next_trace("00" + tail);
  EXPECT_EQ(next.trace_id, trace);
  EXPECT_NE(next.span_id, "00f067aa0ba902b7");
  EXPECT_TRUE(next.sampled);
  EXPECT_EQ(observe::traceparent(next), fmt::format("00-{}-{}-01", trace, next.span_id));
  EXPECT_TRUE(observe::parse_traceparent(observe::traceparent(observe::next_trace(""))));
  EXPECT_TRUE(observe::parse_traceparent(fmt::format("cc{}-what-comes-later", tail)));
  const std::vector<std::string> odds = {"",
                                         fmt::format("00{}-x", tail),
                                         fmt::format("ff{}", tail),
                                         fmt::format("cc{}x", tail),
                                         fmt::format("0{}", tail),
                                         fmt::format("00{}g", tail.substr(0, tail.size() - 1)),
                                         "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                                         fmt::format("00-{}-0000000000000000-01", trace),
                                         "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"};
  for (const std::string& odd : odds) {
    EXPECT_FALSE(observe::parse_traceparent(odd)) << odd;
    EXPECT_NE(observe::next_trace(odd).trace_id, trace) << odd;
  }
}

}  // namespace
}  // namespace odordiff::server
