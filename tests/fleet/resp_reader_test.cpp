// RESP3 as it comes off the wire, in pieces, and broken.
#include <gtest/gtest.h>

#include <cmath>

#include "base/rng.h"
#include "fleet/redis/errors.h"
#include "fleet/redis/resp_reader.h"

namespace odordiff::fleet::redis {
namespace {

using Kind = Reply::Kind;

std::vector<Reply> read_all(std::string_view bytes, RespReader reader = {}) {
  std::vector<Reply> out;
  reader.feed(bytes);
  while (auto reply = reader.next()) out.push_back(std::move(*reply));
  return out;
}

Reply read_one(std::string_view bytes) {
  auto all = read_all(bytes);
  EXPECT_EQ(all.size(), 1U) << bytes;
  return all.empty() ? Reply{} : all.front();
}

const std::vector<std::string>& examples() {
  static const std::vector<std::string> all = {
      "+OK\r\n",
      "-ERR no such thing\r\n",
      ":-42\r\n",
      ":+7\r\n",
      "$5\r\nhello\r\n",
      "$0\r\n\r\n",
      "$-1\r\n",
      "*-1\r\n",
      "*0\r\n",
      "_\r\n",
      "#t\r\n",
      "#f\r\n",
      ",3.25\r\n",
      ",-inf\r\n",
      ",1e-7\r\n",
      "(3492890328409238509324850943850943825024385\r\n",
      "!21\r\nSYNTAX invalid syntax\r\n",
      "=15\r\ntxt:Some string\r\n",
      "*2\r\n:1\r\n*2\r\n+a\r\n$3\r\nb\r\n\r\n",
      "%2\r\n+first\r\n:1\r\n+second\r\n:2\r\n",
      "~3\r\n+a\r\n:1\r\n#t\r\n",
      ">3\r\n$7\r\nmessage\r\n$2\r\nch\r\n$5\r\nhello\r\n",
      "|1\r\n+ttl\r\n:3600\r\n*2\r\n:1\r\n|1\r\n+x\r\n*1\r\n:9\r\n:2\r\n"};
  return all;
}

TEST(RespReader, ReadsEachKind) {
  EXPECT_EQ(read_one("+OK\r\n"), (Reply{Kind::Status, "OK"}));
  EXPECT_EQ(read_one("-ERR x\r\n"), (Reply{Kind::Error, "ERR x"}));
  EXPECT_EQ(read_one(":-42\r\n"), (Reply{Kind::Integer, "", -42}));
  EXPECT_EQ(read_one(std::string("$6\r\na\r\nb\0c\r\n", 12)),
            (Reply{Kind::Text, std::string("a\r\nb\0c", 6)}));
  EXPECT_TRUE(read_one("$-1\r\n").is_nil());
  EXPECT_TRUE(read_one("*-1\r\n").is_nil());
  EXPECT_TRUE(read_one("_\r\n").is_nil());
  EXPECT_EQ(read_one("#t\r\n"), (Reply{Kind::Boolean, "", 1}));
  EXPECT_EQ(read_one(",3.25\r\n"), (Reply{Kind::Double, "", 0, 3.25}));
  EXPECT_TRUE(std::isinf(read_one(",-inf\r\n").number));
  EXPECT_EQ(read_one("(-123456789012345678901\r\n"), (Reply{Kind::BigNumber, "-123456789012345678901"}));
  EXPECT_EQ(read_one("!5\r\nERR x\r\n"), (Reply{Kind::Error, "ERR x"}));
  EXPECT_EQ(read_one("=8\r\ntxt:word\r\n"), (Reply{Kind::Text, "word"}));
  EXPECT_EQ(read_one("~1\r\n:1\r\n").kind, Kind::Set);
  EXPECT_EQ(read_one(">1\r\n:1\r\n").kind, Kind::Push);
  const Reply map = read_one("%2\r\n+a\r\n:1\r\n$1\r\nb\r\n*1\r\n:2\r\n");
  ASSERT_NE(map.find("b"), nullptr);
  EXPECT_EQ(map.find("b")->as_items().front().as_integer(), 2);
  EXPECT_EQ(map.find("c"), nullptr);
}

TEST(RespReader, DropsAttributes) {
  EXPECT_EQ(read_one("|1\r\n+ttl\r\n:3600\r\n*2\r\n:1\r\n|1\r\n+x\r\n*1\r\n:9\r\n:2\r\n"),
            (Reply{Kind::Array, "", 0, 0, {{Kind::Integer, "", 1}, {Kind::Integer, "", 2}}}));
}

TEST(RespReader, ReadsTheSameInPieces) {
  std::string stream;
  for (const auto& example : examples()) stream += example;
  const auto whole = read_all(stream);
  EXPECT_EQ(whole.size(), examples().size());
  for (std::size_t piece = 1; piece < 40; ++piece) {
    RespReader reader;
    std::vector<Reply> read;
    for (std::size_t at = 0; at < stream.size(); at += piece) {
      reader.feed(std::string_view(stream).substr(at, piece));
      while (auto reply = reader.next()) read.push_back(std::move(*reply));
    }
    EXPECT_EQ(read, whole) << piece;
    EXPECT_EQ(reader.held_bytes(), 0U);
  }
}

TEST(RespReader, RefusesWhatIsNoRespAtOnce) {
  for (const char* wrong : {"HTTP/1.1 400 Bad Request\r\n",
                            "\x15\x03\x01",
                            ":12x\r\n",
                            ":\r\n",
                            "$x\r\n",
                            "$-2\r\n",
                            "$3\r\nabcd\r\n",
                            "+a\nb\r\n",
                            "+a\rb\r\n",
                            "\r\n",
                            "#x\r\n",
                            "_x\r\n",
                            ",\r\n",
                            ",0x1p3\r\n",
                            ",+1\r\n",
                            "(12a\r\n",
                            "(\r\n",
                            "=2\r\nab\r\n",
                            "*?\r\n",
                            "$?\r\n",
                            "%-1\r\n",
                            "~-1\r\n",
                            "!-1\r\n",
                            "*1\r\n>1\r\n",
                            ":99999999999999999999\r\n",
                            ":+-1\r\n"}) {
    EXPECT_THROW(read_all(wrong), ProtocolError) << wrong;
  }
}

TEST(RespReader, KeepsItsLimits) {
  RespReader::Limits limits;
  limits.line_bytes = 11;
  limits.text_bytes = 10;
  limits.items = 5;
  limits.depth = 3;
  limits.reply_bytes = 60;
  const auto read = [&](const std::string& bytes) { return read_all(bytes, RespReader(limits)); };
  EXPECT_NO_THROW(
      read("+0123456789\r\n$10\r\n0123456789\r\n*4\r\n:1\r\n:2\r\n:3\r\n:4\r\n*1\r\n*1\r\n*1\r\n:1\r\n"));
  EXPECT_THROW(read("+01234567890\r\n"), ProtocolError);
  RespReader just(limits);
  just.feed("+0123456789\r");
  EXPECT_FALSE(just.next().has_value());
  just.feed("\n");
  EXPECT_TRUE(just.next().has_value());
  EXPECT_THROW(read("+0123456789 without end"), ProtocolError);
  EXPECT_THROW(read("$11\r\n"), ProtocolError);
  EXPECT_THROW(read("*6\r\n"), ProtocolError);
  EXPECT_THROW(read("*2\r\n*2\r\n:1\r\n:2\r\n*2\r\n:3\r\n:4\r\n"), ProtocolError);
  EXPECT_THROW(read("*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n"), ProtocolError);
  EXPECT_THROW(
      read("*4\r\n$10\r\n0123456789\r\n$10\r\n0123456789\r\n$10\r\n0123456789\r\n$10\r\n0123456789\r\n"),
      ProtocolError);
  EXPECT_THROW(read_all("*1000000000\r\n"), ProtocolError);
  EXPECT_THROW(read_all("$99999999999\r\n"), ProtocolError);
}

// Bytes changed, cut out and put in at random: it reads or refuses, and what it reads is what it reads in
// pieces.
TEST(RespReader, OutlivesMutations) {
  Rng rng(20261127, 1);
  int refused = 0;
  for (int round = 0; round < 40'000; ++round) {
    std::string bytes;
    for (std::uint32_t i = 0, n = 1 + rng.below(3); i < n; ++i) {
      bytes += examples()[rng.below(static_cast<std::uint32_t>(examples().size()))];
    }
    for (std::uint32_t i = 0, n = rng.below(4); i < n && !bytes.empty(); ++i) {
      const std::size_t at = rng.below(static_cast<std::uint32_t>(bytes.size()));
      constexpr std::string_view kLikely = "+-:$*_,#!=(%~>|0123456789\r\n";
      switch (rng.below(3)) {
        case 0:
          bytes[at] = rng.below(2) == 0 ? static_cast<char>(rng.below(256))
                                        : kLikely[rng.below(static_cast<std::uint32_t>(kLikely.size()))];
          break;
        case 1:
          bytes.erase(at, 1 + rng.below(3));
          break;
        default:
          bytes.insert(at, 1, kLikely[rng.below(static_cast<std::uint32_t>(kLikely.size()))]);
      }
    }
    std::vector<Reply> whole;
    bool broken = false;
    try {
      whole = read_all(bytes);
    } catch (const ProtocolError&) {
      broken = true;
      ++refused;
    }
    RespReader reader;
    std::vector<Reply> read;
    try {
      for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t piece = 1 + rng.below(9);
        reader.feed(std::string_view(bytes).substr(at, piece));
        at += piece;
        while (auto reply = reader.next()) read.push_back(std::move(*reply));
      }
      EXPECT_FALSE(broken) << bytes;
      EXPECT_EQ(read.size(), whole.size()) << bytes;
    } catch (const ProtocolError&) {
      EXPECT_TRUE(broken) << bytes;
    }
  }
  EXPECT_GT(refused, 5000);
}

TEST(Command, IsAnArrayOfTexts) {
  std::string out;
  append_command(out, {"SET", "key", std::string("a\0\r\n", 4)});
  EXPECT_EQ(out, std::string("*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$4\r\na\0\r\n\r\n", 32));
}

}  // namespace
}  // namespace odordiff::fleet::redis
