// Slots as the Redis cluster specification gives them, and the breaker's arithmetic.
#include <gtest/gtest.h>

#include "base/error.h"
#include "fleet/redis/breaker.h"
#include "fleet/redis/key_slot.h"

namespace odordiff::fleet::redis {
namespace {

TEST(KeySlot, IsThatOfTheSpecification) {
  EXPECT_EQ(key_slot("123456789"), 0x31C3);
  EXPECT_EQ(key_slot("foo"), 12182);
  EXPECT_EQ(key_slot("bar"), 5061);
  EXPECT_EQ(key_slot("{user1000}.following"), key_slot("{user1000}.followers"));
  EXPECT_EQ(key_slot("foo{{bar}}zap"), key_slot("{bar"));
  EXPECT_EQ(key_slot("foo{bar}{zap}"), key_slot("bar"));
  EXPECT_NE(key_slot("foo{}{bar}"), key_slot("bar"));
}

TEST(KeySlot, FindsACommandsKeys) {
  using Keys = std::vector<std::string_view>;
  EXPECT_EQ(command_keys({"get", "a"}), (Keys{"a"}));
  EXPECT_EQ(command_keys({"MGET", "a", "b"}), (Keys{"a", "b"}));
  EXPECT_EQ(command_keys({"MSET", "a", "1", "b", "2"}), (Keys{"a", "b"}));
  EXPECT_EQ(command_keys({"BLPOP", "a", "b", "0"}), (Keys{"a", "b"}));
  EXPECT_EQ(command_keys({"EVAL", "return 1", "2", "a", "b", "c"}), (Keys{"a", "b"}));
  EXPECT_EQ(command_keys({"EVAL", "return 1", "9", "a"}), (Keys{"a"}));
  EXPECT_EQ(command_keys({"XREAD", "COUNT", "2", "STREAMS", "s", "t", "0", "0"}), (Keys{"s", "t"}));
  EXPECT_EQ(command_keys({"PING"}), Keys{});
  EXPECT_EQ(command_keys({"PUBLISH", "channel", "x"}), Keys{});
  EXPECT_THROW(commands_slot({{"MGET", "a", "b"}}), InvalidInput);
  EXPECT_EQ(commands_slot({{"MULTI"}, {"SET", "{t}a", "1"}, {"SET", "{t}b", "2"}, {"EXEC"}}), key_slot("t"));
}

TEST(Breaker, OpensAfterFailuresInARowAndClosesAfterAProbe) {
  Breaker breaker(3);
  breaker.failure();
  breaker.failure();
  breaker.success();
  breaker.failure();
  EXPECT_FALSE(breaker.failure());
  EXPECT_TRUE(breaker.admits());
  EXPECT_TRUE(breaker.failure());
  EXPECT_FALSE(breaker.admits());
  breaker.probe();
  EXPECT_EQ(breaker.state(), BreakerState::HalfOpen);
  EXPECT_FALSE(breaker.admits());
  EXPECT_TRUE(breaker.failure());
  EXPECT_EQ(breaker.state(), BreakerState::Open);
  breaker.probe();
  breaker.success();
  EXPECT_TRUE(breaker.admits());
}

TEST(Backoff, DoublesToItsMostAndLeavesOutUpToAHalf) {
  using std::chrono::milliseconds;
  EXPECT_EQ(backoff(1, milliseconds(50), milliseconds(1000), 0), milliseconds(50));
  EXPECT_EQ(backoff(3, milliseconds(50), milliseconds(1000), 0), milliseconds(200));
  EXPECT_EQ(backoff(3, milliseconds(50), milliseconds(1000), 0.5), milliseconds(150));
  EXPECT_EQ(backoff(99, milliseconds(50), milliseconds(1000), 0), milliseconds(1000));
}

}  // namespace
}  // namespace odordiff::fleet::redis
