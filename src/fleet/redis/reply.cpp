#include "fleet/redis/reply.h"

#include "base/error.h"

namespace odordiff::fleet::redis {
namespace {

[[noreturn]] void unexpected(const Reply& reply, const char* wanted) {
  std::string message = std::string("Redis answered with ") + name_of(reply.kind) + " instead of " + wanted;
  if (reply.is_error()) message += ": " + quote_for_message(reply.text, 200);
  throw Unavailable(message);
}

}  // namespace

const std::string& Reply::as_text() const {
  if (kind != Kind::Text && kind != Kind::Status && kind != Kind::BigNumber) unexpected(*this, "a text");
  return text;
}

std::int64_t Reply::as_integer() const {
  if (kind != Kind::Integer && kind != Kind::Boolean) unexpected(*this, "an integer");
  return integer;
}

const std::vector<Reply>& Reply::as_items() const {
  if (kind != Kind::Array && kind != Kind::Set && kind != Kind::Push) unexpected(*this, "an array");
  return items;
}

const Reply* Reply::find(std::string_view key) const {
  if (kind != Kind::Map) return nullptr;
  for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
    const Reply& name = items[i];
    if ((name.kind == Kind::Text || name.kind == Kind::Status) && name.text == key) return &items[i + 1];
  }
  return nullptr;
}

const char* name_of(Reply::Kind kind) {
  switch (kind) {
    case Reply::Kind::Nil:
      return "nothing";
    case Reply::Kind::Text:
      return "a text";
    case Reply::Kind::Status:
      return "a status";
    case Reply::Kind::Error:
      return "an error";
    case Reply::Kind::Integer:
      return "an integer";
    case Reply::Kind::Double:
      return "a double";
    case Reply::Kind::Boolean:
      return "a boolean";
    case Reply::Kind::BigNumber:
      return "a big number";
    case Reply::Kind::Array:
      return "an array";
    case Reply::Kind::Set:
      return "a set";
    case Reply::Kind::Map:
      return "a map";
    case Reply::Kind::Push:
      return "a push message";
  }
  return "something unknown";
}

}  // namespace odordiff::fleet::redis
