// The heap of a process that serves for long: its profile, and giving back what is free.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace odordiff::apps {

// In the text form that pprof reads, from allocations that TCMalloc sampled. Throws Unavailable where
// sampling is off: TCMALLOC_SAMPLE_PARAMETER (bytes between samples; 0, the standard, is off) is read when
// the process starts.
std::string heap_profile();

// While it lives, memory that was freed goes back to the system each ten seconds: TCMalloc keeps what the
// largest requests took, which is of no use to the small ones after them.
class HeapKeeper {
 public:
  HeapKeeper();
  ~HeapKeeper();

 private:
  std::mutex mutex_;
  std::condition_variable ending_;
  bool ended_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace odordiff::apps
