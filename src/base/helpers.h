// Spare hands for a burst of work on many items: the caller works through them together with whatever helpers
// are free.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>

namespace odordiff {

class Helpers {
 public:
  // At most `threads` - 1 helpers at work at a time, over all callers.
  explicit Helpers(int threads) : free_(threads > 1 ? threads - 1 : 0) {}

  // Calls body(i) for every i in [0, count), each once, and returns when all are done; the caller takes part,
  // so that nobody waits for a helper. A caller whose work can wait (urgency.h) has none. Rethrows the first
  // exception; items not begun by then are left out. Safe to call from many threads at once.
  void for_each(std::size_t count, const std::function<void(std::size_t)>& body);

 private:
  int borrow(std::size_t wanted);

  std::atomic<int> free_;
};

}  // namespace odordiff
