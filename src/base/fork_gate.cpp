#include "base/fork_gate.h"

#include <pthread.h>

#include <atomic>
#include <utility>

namespace odordiff {
namespace {

// Atomics and no mutex: in a child they are right whatever the threads that are gone were about to do.
std::atomic<int> at_work{0};  // threads
std::atomic<int> forks{0};    // waiting or at work
thread_local int depth = 0;   // AtWork of this thread

void end_work() {
  --at_work;
  if (forks.load() != 0) at_work.notify_all();
}

void begin_work() {
  for (;;) {
    ++at_work;
    const int pending = forks.load();
    if (pending == 0) return;
    end_work();
    forks.wait(pending);
  }
}

int own() {
  return depth > 0 ? 1 : 0;
}

void before_fork() {
  ++forks;
  for (int others = at_work.load(); others > own(); others = at_work.load()) at_work.wait(others);
}

void in_parent() {
  --forks;
  forks.notify_all();
}

void in_child() {
  at_work = own();
  forks = 0;
}

const int registered = pthread_atfork(before_fork, in_parent, in_child);

}  // namespace

AtWork::AtWork() {
  (void)registered;
  if (depth == 0) begin_work();
  ++depth;
}

AtWork::~AtWork() {
  if (--depth == 0) end_work();
}

Resting::Resting() : depth_(std::exchange(depth, 0)) {
  if (depth_ > 0) end_work();
}

Resting::~Resting() {
  if (depth_ > 0) begin_work();
  depth = depth_;
}

}  // namespace odordiff
