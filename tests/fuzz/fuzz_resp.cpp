// Any bytes as what a Redis server sends: they are read within the limits or refused with ProtocolError, and
// read the same in one piece and in small ones.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fleet/redis/errors.h"
#include "fleet/redis/resp_reader.h"
#include "require.h"

namespace {

using odordiff::fleet::redis::Reply;
using odordiff::fleet::redis::RespReader;
using odordiff::fuzz::require;

struct Read {
  std::size_t replies = 0;
  bool refused = false;
};

Read read(std::string_view bytes, std::size_t piece) {
  RespReader::Limits limits;
  limits.line_bytes = 256;
  limits.text_bytes = 4096;
  limits.items = 256;
  limits.depth = 6;
  limits.reply_bytes = 65536;
  RespReader reader(limits);
  Read out;
  try {
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      reader.feed(bytes.substr(at, piece));
      while (const auto reply = reader.next()) {
        ++out.replies;
        require(reply->kind != Reply::Kind::Map || reply->items.size() % 2 == 0, "maps hold pairs");
        require(reply->items.size() <= limits.items, "replies keep their limits");
      }
    }
  } catch (const odordiff::fleet::redis::ProtocolError&) {
    out.refused = true;
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (bytes.empty()) return 0;
  const Read whole = read(bytes, bytes.size());
  for (const std::size_t piece : {1, 7}) {
    const Read parts = read(bytes, piece);
    require(parts.replies == whole.replies && parts.refused == whole.refused, "pieces make no difference");
  }
  return 0;
}
