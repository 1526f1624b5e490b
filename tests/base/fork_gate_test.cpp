// Forks beside threads that are at work.
#include "base/fork_gate.h"

#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

namespace odordiff {
namespace {

// What `look` gives in a forked process.
bool in_a_child(bool (*look)()) {
  const pid_t child = fork();
  // Not _exit: a sanitizer would there look for threads of the parent's that ended and were not joined yet.
  if (child == 0) syscall(SYS_exit_group, look() ? 0 : 1);
  int status = -1;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::mutex library;  // as a library's, which we cannot reach

bool library_is_free() {
  return library.try_lock();
}

TEST(ForkGate, NoChildFindsALockThatNobodyWillRelease) {
  std::atomic<bool> stop{false};
  std::vector<std::jthread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      while (!stop) {
        const AtWork outer;
        const AtWork nested;
        const std::lock_guard lock(library);
        std::this_thread::yield();
      }
    });
  }
  int free = 0;
  for (int i = 0; i < 200; ++i) free += in_a_child(library_is_free) ? 1 : 0;
  stop = true;
  EXPECT_EQ(free, 200);
}

TEST(ForkGate, AThreadThatWaitsForOthersHoldsNoForkBack) {
  std::atomic<bool> resting{false};
  std::atomic<bool> go_on{false};
  std::jthread waiter([&] {
    const AtWork at_work;
    {
      const Resting rest;
      resting = true;
      resting.notify_one();
      go_on.wait(false);
    }
    const std::lock_guard lock(library);
    std::this_thread::yield();
  });
  resting.wait(false);
  EXPECT_TRUE(in_a_child(library_is_free));
  go_on = true;
  go_on.notify_one();
  EXPECT_TRUE(in_a_child(library_is_free));
}

TEST(ForkGate, AThreadAtWorkMayForkItself) {
  const AtWork at_work;
  EXPECT_TRUE(in_a_child([] {
    const AtWork nested;
    return true;
  }));
}

TEST(ForkGate, AChildMayWorkAndForkInTurn) {
  EXPECT_TRUE(in_a_child([] {
    { const AtWork at_work; }
    return in_a_child([] {
      const AtWork at_work;
      return true;
    });
  }));
}

}  // namespace
}  // namespace odordiff
