// How an answer lies in Redis: MessagePack, above 1 kB packed by Zstandard, behind a checksum. What comes
// from there is not trusted: it is either exactly what was written for this key, or nothing.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "cache/entry.h"

namespace odordiff::fleet {

// How often each tag has been purged; "*" stands for everything.
using Generations = std::map<std::string, std::int64_t, std::less<>>;

struct StoredEntry {
  cache::EntryPtr entry;
  cache::Lifetime life;     // as it was written
  Generations generations;  // of the entry's tags and of "*", when its computation began
};

struct PackedEntry {
  std::string bytes;
  std::size_t raw_bytes = 0;  // before they were packed
};

// `digest` is what the entry is stored under; it goes into the checksum, so that bytes of another key are not
// taken for this one's.
PackedEntry pack_entry(const StoredEntry& stored, std::string_view digest);
// Nothing: damaged, of another format or of another key.
std::optional<StoredEntry> unpack_entry(std::string_view bytes, std::string_view digest);

}  // namespace odordiff::fleet
