#include "fleet/redis/resp_reader.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include "fleet/redis/errors.h"

namespace odordiff::fleet::redis {
namespace {

constexpr std::size_t kTidyBytes = std::size_t{64} << 10U;
constexpr std::size_t kReserved = 64;  // items, before they are there

[[noreturn]] void broken(const std::string& what) {
  throw ProtocolError("what came is not RESP3, so it may be no Redis server, or it wants TLS: " + what);
}

std::int64_t whole(std::string_view digits) {
  if (!digits.empty() && digits.front() == '+') {
    digits.remove_prefix(1);
    if (!digits.empty() && digits.front() == '-') broken("a number with two signs");
  }
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size()) {
    broken("no whole number: " + quote_for_message(std::string(digits)));
  }
  return value;
}

// "-1" was RESP2's way of saying nothing.
std::optional<std::size_t> length(std::string_view digits) {
  if (digits == "?") broken("streamed values are not supported");
  const std::int64_t value = whole(digits);
  if (value == -1) return std::nullopt;
  if (value < 0) broken("a negative length");
  return static_cast<std::size_t>(value);
}

double floating(std::string_view text) {
  if (text == "inf") return std::numeric_limits<double>::infinity();
  if (text == "-inf") return -std::numeric_limits<double>::infinity();
  if (text == "nan" || text == "-nan") return std::numeric_limits<double>::quiet_NaN();
  if (text.empty() || (text.front() != '-' && (text.front() < '0' || text.front() > '9')))
    broken("no double");
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) broken("no double");
  return value;
}

void check_big_number(std::string_view text) {
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.empty() || !std::ranges::all_of(text, digit)) broken("no big number");
}

Reply of(Reply::Kind kind, std::string_view text) {
  Reply out;
  out.kind = kind;
  out.text = text;
  return out;
}

}  // namespace

void RespReader::take(std::size_t bytes) {
  at_ += bytes;
  searched_ = 0;
  reply_bytes_ += bytes;
  if (reply_bytes_ > limits_.reply_bytes) broken("a reply of more bytes than are allowed");
}

// Without its end, which is taken as well.
std::optional<std::string_view> RespReader::line() {
  const std::string_view rest = std::string_view(buffer_).substr(at_);
  const std::size_t end = rest.find_first_of("\r\n", searched_);
  if (end == std::string_view::npos || end + 1 == rest.size()) {
    if (std::min(end, rest.size()) > limits_.line_bytes) broken("a line without end");
    if (end != std::string_view::npos && rest[end] != '\r') broken("a line that does not end with CR LF");
    searched_ = end == std::string_view::npos ? rest.size() : end;
    return std::nullopt;
  }
  if (rest[end] != '\r' || rest[end + 1] != '\n') broken("a line that does not end with CR LF");
  if (end > limits_.line_bytes) broken("a line that is too long");
  return rest.substr(0, end);
}

RespReader::Step RespReader::sized_text(std::string_view head, Reply& value) {
  const char type = head.front();
  const auto size = length(head.substr(1));
  if (!size) {
    if (type != '$') broken("a length below zero");
    take(head.size() + 2);
    value = {};
    return Step::Value;
  }
  if (*size > limits_.text_bytes)
    broken("a text of " + std::to_string(*size) + " bytes, more than are allowed");
  const std::string_view rest = std::string_view(buffer_).substr(at_ + head.size() + 2);
  if (rest.size() < *size + 2) return Step::Missing;
  if (rest[*size] != '\r' || rest[*size + 1] != '\n') broken("a text that does not end with CR LF");
  std::string_view text = rest.substr(0, *size);
  if (type == '=') {  // verbatim: "txt:" or "mkd:" before the text
    if (text.size() < 4 || text[3] != ':') broken("a verbatim text without its type");
    text.remove_prefix(4);
  }
  value = of(type == '!' ? Reply::Kind::Error : Reply::Kind::Text, text);
  take(head.size() + 2 + *size + 2);
  return Step::Value;
}

RespReader::Step RespReader::aggregate(char type, std::string_view head, Reply& value) {
  const auto count = length(head.substr(1));
  if (!count) {
    if (type != '*') broken("a length below zero");
    take(head.size() + 2);
    value = {};
    return Step::Value;
  }
  if (*count > limits_.items) broken("more items than are allowed");
  if (type == '>' && !open_.empty()) broken("a push message inside a reply");
  Frame frame;
  frame.attribute = type == '|';
  frame.missing = type == '%' || type == '|' ? *count * 2 : *count;
  frame.reply.kind = type == '*'   ? Reply::Kind::Array
                     : type == '~' ? Reply::Kind::Set
                     : type == '>' ? Reply::Kind::Push
                                   : Reply::Kind::Map;
  take(head.size() + 2);
  if (frame.missing == 0 && !frame.attribute) {
    value = std::move(frame.reply);
    return Step::Value;
  }
  if (frame.missing == 0) return Step::Opened;  // an attribute of nothing
  if (open_.size() >= limits_.depth) broken("arrays that are nested too deeply");
  frame.reply.items.reserve(std::min(frame.missing, kReserved));
  open_.push_back(std::move(frame));
  return Step::Opened;
}

RespReader::Step RespReader::step(Reply& value) {
  const auto head = line();
  if (!head) {
    if (at_ < buffer_.size() &&
        std::string_view("+-:$*_,#!=(%~>|").find(buffer_[at_]) == std::string_view::npos) {
      broken("it begins with " + quote_for_message(buffer_.substr(at_, 20)));
    }
    return Step::Missing;
  }
  if (head->empty()) broken("an empty line");
  const char type = head->front();
  const std::string_view rest = head->substr(1);
  switch (type) {
    case '$':
    case '!':
    case '=':
      return sized_text(*head, value);
    case '*':
    case '%':
    case '~':
    case '>':
    case '|':
      return aggregate(type, *head, value);
    case '+':
      value = of(Reply::Kind::Status, rest);
      break;
    case '-':
      value = of(Reply::Kind::Error, rest);
      break;
    case ':':
      value = of(Reply::Kind::Integer, {});
      value.integer = whole(rest);
      break;
    case ',':
      value = of(Reply::Kind::Double, {});
      value.number = floating(rest);
      break;
    case '#':
      if (rest != "t" && rest != "f") broken("no boolean");
      value = of(Reply::Kind::Boolean, {});
      value.integer = rest == "t" ? 1 : 0;
      break;
    case '_':
      if (!rest.empty()) broken("a null with a value");
      value = {};
      break;
    case '(':
      check_big_number(rest);
      value = of(Reply::Kind::BigNumber, rest);
      break;
    default:
      broken("it begins with " + quote_for_message(std::string(head->substr(0, 20))));
  }
  take(head->size() + 2);
  return Step::Value;
}

std::optional<Reply> RespReader::next() {
  Reply value;
  for (;;) {
    const Step made = step(value);
    if (made == Step::Missing) {
      if (at_ >= kTidyBytes || at_ == buffer_.size()) {
        buffer_.erase(0, at_);
        at_ = 0;
      }
      return std::nullopt;
    }
    if (++reply_items_ > limits_.items) broken("more items than are allowed");
    if (made == Step::Opened) continue;
    // A value may end the array that it stands in, and that the next.
    bool whole_reply = true;
    while (!open_.empty()) {
      Frame& frame = open_.back();
      frame.reply.items.push_back(std::exchange(value, {}));
      if (--frame.missing > 0) {
        whole_reply = false;
        break;
      }
      value = std::move(frame.reply);
      const bool attribute = frame.attribute;
      open_.pop_back();
      if (attribute) {
        whole_reply = false;
        break;
      }
    }
    if (!whole_reply) continue;
    reply_bytes_ = 0;
    reply_items_ = 0;
    return value;
  }
}

void append_command(std::string& out, const std::vector<std::string>& command) {
  out += '*';
  out += std::to_string(command.size());
  out += "\r\n";
  for (const auto& word : command) {
    out += '$';
    out += std::to_string(word.size());
    out += "\r\n";
    out += word;
    out += "\r\n";
  }
}

}  // namespace odordiff::fleet::redis
