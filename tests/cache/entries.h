// Entries and a clock for the tests of the cache.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cache/cache.h"

namespace odordiff::cache {

inline Entry entry_of(std::string body, std::vector<std::string> tags = {}) {
  Entry entry;
  entry.forms.push_back(std::make_shared<const Form>(Form{"json", "\"1\"", "", std::move(body)}));
  entry.tags = std::move(tags);
  return entry;
}

inline std::string body_of(const EntryPtr& entry) {
  return entry == nullptr ? "(none)" : entry->form("json")->body;
}

inline std::string numbered(std::string_view stem, std::uint64_t number) {
  std::string name(stem);
  name += std::to_string(number);
  return name;
}

// A clock that stands until it is moved.
struct HandClock {
  std::shared_ptr<std::atomic<std::int64_t>> now = std::make_shared<std::atomic<std::int64_t>>(1'000'000);
  std::function<std::int64_t()> reader() const {
    return [now = now] { return now->load(); };
  }
  void advance(std::int64_t ms) const { *now += ms; }
};

}  // namespace odordiff::cache
