// What the cache keeps: finished answers, ready to be written to a socket, that nobody changes any more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace odordiff::cache {

// One negotiated form of an answer, e.g. "application/json" as it is, or the same compressed. The cache reads
// only `name`; what the rest means is its user's business.
struct Form {
  std::string name;  // e.g. "json", "json;gzip"; unique in an entry
  std::string etag;  // strong validator of these very bytes
  std::string head;  // finished header lines, if any
  std::string body;
};

using FormPtr = std::shared_ptr<const Form>;

// An answer in one or more forms. Immutable once it is shared: a hit hands out a pointer and copies nothing,
// and bytes in use stay valid after eviction.
struct Entry {
  std::vector<FormPtr> forms;
  std::vector<std::string> tags;  // surrogate keys, for Cache::purge_tag
  std::string origin;             // what it was made from, for warm-up; may be empty
  int status = 200;               // HTTP status; the cache does not read it
  bool negative = false;          // a remembered refusal: short life, never served stale

  // Null when there is no such form.
  const Form* form(std::string_view name) const;

  // Memory that the entry holds, with what the allocator adds. A form shared by two entries counts in both.
  std::size_t bytes() const;
};

using EntryPtr = std::shared_ptr<const Entry>;

// How long an entry may be served: fresh, and after that stale while somebody makes it anew.
struct Lifetime {
  std::int64_t fresh_ms = 0;
  std::int64_t stale_ms = 0;
};

// What the allocator takes for a request of `wanted` bytes (glibc: 8 bytes of header, steps of 16, at least
// 32).
constexpr std::size_t allocated_bytes(std::size_t wanted) {
  const std::size_t chunk = (wanted + 8 + 15) / 16 * 16;
  return chunk < 32 ? 32 : chunk;
}

// Heap memory behind a string; 0 when it fits into the object itself.
std::size_t heap_bytes(const std::string& text);

}  // namespace odordiff::cache
