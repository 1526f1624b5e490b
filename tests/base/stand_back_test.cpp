// Threads that leave processor time to others.
#include "base/stand_back.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <thread>

namespace odordiff {
namespace {

int niceness_of_this_thread() {
  return getpriority(PRIO_PROCESS, 0);
}

TEST(StandBack, IsForTheThreadAndThoseThatItStarts) {
  const int before = niceness_of_this_thread();
  const int standing_back = std::max(before, 5);
  std::thread([&] {
    stand_back();
    EXPECT_EQ(niceness_of_this_thread(), standing_back);
    std::thread([&] { EXPECT_EQ(niceness_of_this_thread(), standing_back); }).join();
    stand_back();
    EXPECT_EQ(niceness_of_this_thread(), standing_back);
  }).join();
  EXPECT_EQ(niceness_of_this_thread(), before);
}

}  // namespace
}  // namespace odordiff
