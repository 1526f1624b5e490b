// The place below the memory cache: a cache that several machines share. Only its shape stands here;
// src/fleet has one.
#pragma once

#include <optional>
#include <string_view>

#include "cache/entry.h"

namespace odordiff::cache {

// REQUIRES of implementations: safe to call from many threads; they may block, but not without bound, and
// never throw: a tier that is out of reach is a miss.
class Tier {
 public:
  struct Stored {
    EntryPtr entry;
    Lifetime left;  // from now on
  };

  virtual ~Tier() = default;
  virtual std::optional<Stored> get(std::string_view key) = 0;
  virtual void put(std::string_view key, const Stored& stored) = 0;
  // Forgets every entry that carries this tag.
  virtual void purge(std::string_view tag) = 0;
};

}  // namespace odordiff::cache
