#include "heap.h"

#include "base/error.h"

#ifdef ODORDIFF_TCMALLOC
#include <gperftools/malloc_extension.h>

#include <cstdlib>
#endif

namespace odordiff::apps {
namespace {

constexpr std::chrono::seconds kGiveBack{10};

void give_back() {
#ifdef ODORDIFF_TCMALLOC
  MallocExtension::instance()->ReleaseFreeMemory();
#endif
}

}  // namespace

HeapKeeper::HeapKeeper()
    : thread_([this] {
        std::unique_lock lock(mutex_);
        while (!ending_.wait_for(lock, kGiveBack, [this] { return ended_; })) give_back();
      }) {}

HeapKeeper::~HeapKeeper() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  ending_.notify_all();
  thread_.join();
}

#ifdef ODORDIFF_TCMALLOC
std::string heap_profile() {
  const char* sampled = std::getenv("TCMALLOC_SAMPLE_PARAMETER");
  if (sampled == nullptr || std::atoll(sampled) <= 0) {
    throw Unavailable(
        "allocations are not sampled; start the server with TCMALLOC_SAMPLE_PARAMETER=524288 in the "
        "environment");
  }
  std::string out;
  MallocExtension::instance()->GetHeapSample(&out);
  return out;
}
#else
std::string heap_profile() {
  throw Unavailable("this build has an allocator without profiles");
}
#endif

}  // namespace odordiff::apps
