// What Redis URLs mean, and what is said of wrong ones.
#include <gtest/gtest.h>

#include "base/error.h"
#include "fleet/redis/options.h"

namespace odordiff::fleet::redis {
namespace {

TEST(RedisUrl, NamesOneServer) {
  const Options plain = parse_url("redis://cache.example");
  EXPECT_EQ(plain.mode, Mode::Standalone);
  EXPECT_EQ(plain.addresses, (std::vector<Address>{{"cache.example", 6379}}));
  EXPECT_EQ(plain.database, 0);
  const Options full =
      parse_url("rediss://me:p%40ss%3Aw%2Frd@[::1]:6390/3?ca=/etc/ca.pem&server_name=redis&connections=4");
  EXPECT_TRUE(full.tls.wanted);
  EXPECT_EQ(full.user, "me");
  EXPECT_EQ(full.password, "p@ss:w/rd");
  EXPECT_EQ(full.addresses.front(), (Address{"::1", 6390}));
  EXPECT_EQ(full.database, 3);
  EXPECT_EQ(full.tls.ca_file, "/etc/ca.pem");
  EXPECT_EQ(full.tls.server_name, "redis");
  EXPECT_EQ(full.connections, 4U);
  EXPECT_EQ(parse_url("redis://:only@host").password, "only");
}

TEST(RedisUrl, NamesSentinelsAndClusters) {
  const Options sentinel = parse_url("redis+sentinel://:pw@a:1,b,c:3/mymaster/2?sentinel_password=x");
  EXPECT_EQ(sentinel.mode, Mode::Sentinel);
  EXPECT_EQ(sentinel.addresses, (std::vector<Address>{{"a", 1}, {"b", 26379}, {"c", 3}}));
  EXPECT_EQ(sentinel.master_name, "mymaster");
  EXPECT_EQ(sentinel.database, 2);
  EXPECT_EQ(sentinel.sentinel_password, "x");
  const Options cluster = parse_url("rediss+cluster://a:1,b:2");
  EXPECT_EQ(cluster.mode, Mode::Cluster);
  EXPECT_TRUE(cluster.tls.wanted);
  EXPECT_EQ(cluster.addresses.size(), 2U);
}

TEST(RedisUrl, ShownHasNoPassword) {
  const std::string shown = shown_url(parse_url("redis+sentinel://me:secret@a:1,b:2/mymaster/2"));
  EXPECT_EQ(shown, "redis+sentinel://me:***@a:1,b:2/mymaster/2");
}

TEST(RedisUrl, WrongOnesSayWhatWouldBeRightAndNoPassword) {
  for (const char* wrong : {"",
                            "localhost",
                            "http://host",
                            "redis://",
                            "redis://:secret@",
                            "redis://me:secret@host:0",
                            "redis://me:secret@host:65536",
                            "redis://me:secret@host:x",
                            "redis://me:secret@host/x",
                            "redis://me:secret@a,b",
                            "redis+sentinel://me:secret@a",
                            "redis+sentinel://a/",
                            "redis+cluster://a/3",
                            "redis://me:secret@host?ca=x",
                            "rediss://me:secret@host?cert=x",
                            "redis://host?what=1",
                            "redis://host?connections=0",
                            "redis://[::1",
                            "redis://[::1]x",
                            "redis://me:sec%zzret@host",
                            "redis://secret@host",
                            "redis+other://host",
                            "redis://:secret@host:6379:1"}) {
    try {
      parse_url(wrong);
      ADD_FAILURE() << wrong;
    } catch (const InvalidInput& error) {
      EXPECT_EQ(std::string(error.what()).find("secret"), std::string::npos) << error.what();
      EXPECT_TRUE(std::string(error.what()).starts_with("the Redis URL is wrong: ")) << error.what();
    }
  }
}

}  // namespace
}  // namespace odordiff::fleet::redis
