#include "fleet/redis/key_slot.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/error.h"

namespace odordiff::fleet::redis {
namespace {

constexpr std::array<std::uint16_t, 256> crc_table() {
  std::array<std::uint16_t, 256> table{};
  for (unsigned i = 0; i < 256; ++i) {
    unsigned crc = i << 8U;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 0x8000U) != 0 ? (crc << 1U) ^ 0x1021U : crc << 1U;
    table[i] = static_cast<std::uint16_t>(crc);
  }
  return table;
}
constexpr auto kCrcTable = crc_table();

std::uint16_t crc16(std::string_view bytes) {
  unsigned crc = 0;
  for (const char c : bytes) {
    crc = ((crc << 8U) ^ kCrcTable[((crc >> 8U) ^ static_cast<unsigned char>(c)) & 0xffU]) & 0xffffU;
  }
  return static_cast<std::uint16_t>(crc);
}

// Where a command's keys stand among its words.
struct Places {
  std::string_view name;
  int first = 1, last = 1, step = 1;  // last below 0: counted from the end
};

constexpr Places kPlaces[] = {
    {"DEL", 1, -1, 1},   {"UNLINK", 1, -1, 1},    {"EXISTS", 1, -1, 1},  {"TOUCH", 1, -1, 1},
    {"MGET", 1, -1, 1},  {"MSET", 1, -1, 2},      {"MSETNX", 1, -1, 2},  {"BLPOP", 1, -2, 1},
    {"BRPOP", 1, -2, 1}, {"RENAME", 1, 2, 1},     {"LMOVE", 1, 2, 1},    {"RPOPLPUSH", 1, 2, 1},
    {"BLMOVE", 1, 2, 1}, {"BRPOPLPUSH", 1, 2, 1}, {"SINTER", 1, -1, 1},  {"SUNION", 1, -1, 1},
    {"OBJECT", 2, 2, 1}, {"WATCH", 1, -1, 1},     {"PFCOUNT", 1, -1, 1},
};

constexpr std::string_view kKeyless[] = {
    "PING",    "ECHO",     "INFO",    "PUBLISH",  "PUBSUB",   "SCRIPT",    "CONFIG",  "CLIENT",
    "CLUSTER", "COMMAND",  "DBSIZE",  "FLUSHALL", "FLUSHDB",  "KEYS",      "SCAN",    "ROLE",
    "TIME",    "WAIT",     "MULTI",   "EXEC",     "DISCARD",  "ASKING",    "SELECT",  "LASTSAVE",
    "SAVE",    "BGSAVE",   "ACL",     "DEBUG",    "MEMORY",   "RANDOMKEY", "UNWATCH", "AUTH",
    "HELLO",   "SENTINEL", "LATENCY", "SLOWLOG",  "SHUTDOWN", "READONLY"};

std::string upper(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return out;
}

// EVAL script numkeys key…
std::vector<std::string_view> script_keys(const std::vector<std::string>& command) {
  std::size_t count = 0;
  if (command.size() > 2) std::from_chars(command[2].data(), command[2].data() + command[2].size(), count);
  std::vector<std::string_view> keys;
  for (std::size_t i = 3; i < command.size() && keys.size() < count; ++i) keys.emplace_back(command[i]);
  return keys;
}

// XREAD … STREAMS key… id…
std::vector<std::string_view> stream_keys(const std::vector<std::string>& command) {
  std::vector<std::string_view> keys;
  for (std::size_t i = 1; i < command.size(); ++i) {
    if (upper(command[i]) != "STREAMS") continue;
    const std::size_t count = (command.size() - i - 1) / 2;
    for (std::size_t k = 0; k < count; ++k) keys.emplace_back(command[i + 1 + k]);
    break;
  }
  return keys;
}

}  // namespace

int key_slot(std::string_view key) {
  if (const auto open = key.find('{'); open != std::string_view::npos) {
    const auto close = key.find('}', open + 1);
    if (close != std::string_view::npos && close > open + 1) key = key.substr(open + 1, close - open - 1);
  }
  return crc16(key) % kSlots;
}

std::vector<std::string_view> command_keys(const std::vector<std::string>& command) {
  std::vector<std::string_view> keys;
  if (command.size() < 2) return keys;
  const std::string name = upper(command.front());
  if (std::ranges::find(kKeyless, name) != std::end(kKeyless)) return keys;
  if (name == "EVAL" || name == "EVALSHA" || name == "FCALL") return script_keys(command);
  if (name == "XREAD" || name == "XREADGROUP") return stream_keys(command);
  Places places;
  for (const auto& known : kPlaces) {
    if (known.name == name) places = known;
  }
  const int words = static_cast<int>(command.size());
  const int last = places.last < 0 ? words + places.last : std::min(places.last, words - 1);
  for (int i = places.first; i <= last; i += places.step)
    keys.emplace_back(command[static_cast<std::size_t>(i)]);
  return keys;
}

int commands_slot(const std::vector<std::vector<std::string>>& commands) {
  int slot = -1;
  for (const auto& command : commands) {
    for (const auto key : command_keys(command)) {
      const int own = key_slot(key);
      if (slot >= 0 && own != slot) {
        throw InvalidInput(
            "CROSSSLOT: the keys of one command or transaction lie in different slots of the cluster; "
            "give them one hash tag, as in {tag}a and {tag}b");
      }
      slot = own;
    }
  }
  return slot;
}

}  // namespace odordiff::fleet::redis
