// Reads RESP3 (and what RESP2 shares with it) from bytes that come in pieces. Its input is not trusted: what
// breaks the protocol or a limit is an error, and no length that the other side claims is believed before the
// bytes are there.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fleet/redis/reply.h"

namespace odordiff::fleet::redis {

class RespReader {
 public:
  struct Limits {
    std::size_t line_bytes = std::size_t{64} << 10U;    // of a status, an error or a number
    std::size_t text_bytes = std::size_t{256} << 20U;   // of one text
    std::size_t items = std::size_t{1} << 20U;          // of one whole reply, arrays in it among them
    std::size_t reply_bytes = std::size_t{512} << 20U;  // of one whole reply, as it is sent
    std::size_t depth = 16;                             // arrays in arrays
  };

  RespReader() = default;
  explicit RespReader(Limits limits) : limits_(limits) {}

  void feed(std::string_view bytes) { buffer_.append(bytes); }

  // The next whole reply; nothing where bytes are still missing. Throws ProtocolError; the reader is of no
  // use after that. Attributes (RESP3 `|`) are read and dropped.
  std::optional<Reply> next();

  // Bytes that are held and belong to no whole reply yet.
  std::size_t held_bytes() const { return buffer_.size() - at_; }

 private:
  struct Frame {
    Reply reply;
    std::size_t missing = 0;
    bool attribute = false;
  };

  // One scalar, or the head of an aggregate, which opens a frame. Nothing: bytes are missing.
  enum class Step { Missing, Value, Opened };
  Step step(Reply& value);
  std::optional<std::string_view> line();
  Step sized_text(std::string_view head, Reply& value);
  Step aggregate(char type, std::string_view head, Reply& value);
  void take(std::size_t bytes);

  Limits limits_;
  std::string buffer_;
  std::size_t at_ = 0;           // in buffer_: read up to here
  std::size_t searched_ = 0;     // behind at_: known to hold no end of line
  std::size_t reply_bytes_ = 0;  // of the reply that is being read
  std::size_t reply_items_ = 0;
  std::vector<Frame> open_;
};

// Appends one command as Redis reads it: an array of texts.
void append_command(std::string& out, const std::vector<std::string>& command);

}  // namespace odordiff::fleet::redis
