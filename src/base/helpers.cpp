#include "base/helpers.h"

#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "base/urgency.h"

namespace odordiff {

int Helpers::borrow(std::size_t wanted) {
  int free = free_.load();
  int take = 0;
  do {
    take = static_cast<std::size_t>(free) < wanted ? free : static_cast<int>(wanted);
  } while (take > 0 && !free_.compare_exchange_weak(free, free - take));
  return take;
}

// Threads are started for each burst: some 20 microseconds, where a burst is milliseconds and most requests
// are alone.
void Helpers::for_each(std::size_t count, const std::function<void(std::size_t)>& body) {
  if (count == 0) return;
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr error;
  const auto work = [&] {
    for (std::size_t i = next++; i < count; i = next++) {
      if (can_wait()) give_way();
      try {
        body(i);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (error == nullptr) error = std::current_exception();
        next = count;
      }
    }
  };
  const int borrowed = can_wait() ? 0 : borrow(count - 1);
  {
    std::vector<std::jthread> helpers;
    try {
      for (int h = 0; h < borrowed; ++h) helpers.emplace_back(work);
    } catch (const std::system_error&) {
      // The system gives no more threads: those that there are do it.
    }
    work();
  }
  free_ += borrowed;
  if (error != nullptr) std::rethrow_exception(error);
}

}  // namespace odordiff
