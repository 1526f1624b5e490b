#include "base/hex.h"

#include <gtest/gtest.h>

#include <set>

#include "base/random.h"

namespace odordiff {
namespace {

TEST(Hex, BytesAndNumbersKeepTheirZeros) {
  EXPECT_EQ(hex_of(std::string_view("\x00\x0f\xf0\xff", 4)), "000ff0ff");
  EXPECT_EQ(hex_of(""), "");
  std::string text = "x";
  append_hex(text, 0x0123456789abcdefULL);
  append_hex(text, 1);
  EXPECT_EQ(text, "x0123456789abcdef0000000000000001");
}

TEST(Random, NeitherKindRepeatsItself) {
  std::set<std::string> bytes;
  std::set<std::uint64_t> ids;
  for (int i = 0; i < 1000; ++i) {
    bytes.insert(random_bytes(16));
    ids.insert(random_id());
  }
  EXPECT_EQ(bytes.size(), 1000U);
  EXPECT_EQ(ids.size(), 1000U);
  EXPECT_EQ(random_bytes(5).size(), 5U);
}

}  // namespace
}  // namespace odordiff
