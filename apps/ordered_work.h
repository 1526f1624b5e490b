// Independent pieces of work on several threads, whose results come out in order.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

namespace odordiff::apps {

struct WorkResult {
  std::string line;
  bool failed = false;  // the line says why
  bool fewer = false;   // fewer molecules than asked for
};

struct OrderedWork {
  std::size_t first = 0, count = 0;  // items [first, count)
  int jobs = 1;
  std::size_t window = 64;  // no item is begun that is this far ahead of the next one to come out
  // Called on `jobs` threads. Should return soon, by throwing, once `stop` is set.
  std::function<WorkResult(std::size_t item, const std::atomic<bool>& stop)> work;
  // Called on the thread of run_in_order(), for each item in order.
  std::function<void(std::size_t item, const WorkResult&)> emit;
  // Called on the thread of run_in_order() at least each 50 ms.
  std::function<void()> tick;
};

// True when every item has come out; false when `cancel` was set before. What `emit`, `tick` or `work` throws
// stops the rest and is thrown on; what `work` throws after a stop is dropped.
bool run_in_order(const OrderedWork& job, const std::atomic<bool>& cancel);

}  // namespace odordiff::apps
