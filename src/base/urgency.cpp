#include "base/urgency.h"

#include <atomic>
#include <chrono>
#include <thread>

namespace odordiff {
namespace {

constexpr std::chrono::milliseconds kLongest{30}, kLook{1};

std::atomic<int> urgent{0};
thread_local bool waits = false;

}  // namespace

Urgent::Urgent() {
  ++urgent;
}

Urgent::~Urgent() {
  --urgent;
}

CanWait::CanWait() : before_(waits) {
  waits = true;
}

CanWait::~CanWait() {
  waits = before_;
}

bool can_wait() {
  return waits;
}

bool is_urgent_work_under_way() {
  return urgent.load() > 0;
}

// Looking costs less than a lock that a forked child might find taken.
void give_way() {
  for (auto waited = kLook * 0; waited < kLongest && is_urgent_work_under_way(); waited += kLook) {
    std::this_thread::sleep_for(kLook);
  }
}

}  // namespace odordiff
