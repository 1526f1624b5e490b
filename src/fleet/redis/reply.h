// What a Redis server answers: one value of RESP3, the protocol that Redis speaks since version 6.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace odordiff::fleet::redis {

struct Reply {
  enum class Kind {
    Nil,
    Text,    // any bytes
    Status,  // a word of the server: "OK"
    Error,   // "CODE and a sentence"
    Integer,
    Double,
    Boolean,
    BigNumber,  // its digits stand in `text`
    Array,
    Set,
    Map,  // `items`: key, value, key, value, …
    Push  // what was not asked for: messages of channels
  };

  Kind kind = Kind::Nil;
  std::string text;               // Text, Status, Error, BigNumber
  std::int64_t integer = 0;       // Integer; Boolean: 0 or 1
  double number = 0;              // Double
  std::vector<Reply> items = {};  // Array, Set, Map, Push

  bool is_nil() const { return kind == Kind::Nil; }
  bool is_error() const { return kind == Kind::Error; }

  // The bytes of Text, Status or BigNumber. These three throw Unavailable where the server answered with
  // something else than the caller knows how to read.
  const std::string& as_text() const;
  // An Integer or Boolean.
  std::int64_t as_integer() const;
  // The items of an Array, Set or Push.
  const std::vector<Reply>& as_items() const;
  // The value under this key of a Map; null where there is none, or it is no Map.
  const Reply* find(std::string_view key) const;

  bool operator==(const Reply& other) const = default;
};

// "an array", "a text": for messages.
const char* name_of(Reply::Kind kind);

}  // namespace odordiff::fleet::redis
