// The place below the memory cache: a cache that several machines share. Only its shape stands here;
// src/fleet has one.
#pragma once

#include <atomic>
#include <memory>
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

  // What was found; or, where nothing was, a claim: among all machines the caller alone is to compute it now,
  // for as long as it holds the claim. Neither: compute, claims are not to be had.
  struct Fetched {
    std::optional<Stored> stored;
    std::shared_ptr<void> claim;
  };

  virtual ~Tier() = default;
  virtual std::optional<Stored> get(std::string_view key) = 0;
  // Where another machine has the claim this waits, with some bound, until that one has put the entry, given
  // up or died, or `unwanted` turns true.
  virtual Fetched get_or_claim(std::string_view key, const std::atomic<bool>& /*unwanted*/) {
    return {get(key), nullptr};
  }
  virtual void put(std::string_view key, const Stored& stored) = 0;
  // Forgets every entry that carries this tag.
  virtual void purge(std::string_view tag) = 0;
  virtual void purge_all() {}
};

}  // namespace odordiff::cache
