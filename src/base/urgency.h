// Work that somebody waits for and work that can wait, on the same processors: the second gives way to the
// first.
#pragma once

namespace odordiff {

// As long as it lives, somebody waits for what goes on here.
class Urgent {
 public:
  Urgent();
  ~Urgent();
  Urgent(const Urgent&) = delete;
  Urgent& operator=(const Urgent&) = delete;
};

// As long as it lives, what this thread does can wait.
class CanWait {
 public:
  CanWait();
  ~CanWait();
  CanWait(const CanWait&) = delete;
  CanWait& operator=(const CanWait&) = delete;

 private:
  const bool before_;
};

bool can_wait();
bool is_urgent_work_under_way();

// For work that can wait, between two pieces of it of some milliseconds: waits while urgent work is under
// way, for 30 ms at most, so that what can wait is only slowed down.
void give_way();

}  // namespace odordiff
