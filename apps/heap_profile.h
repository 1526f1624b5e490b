// What the process holds in memory, and where that was allocated: the heap's profile for pprof.
#pragma once

#include <string>

namespace odordiff::apps {

// In the text form that pprof reads, from allocations that TCMalloc sampled. Throws Unavailable where
// sampling is off: TCMALLOC_SAMPLE_PARAMETER (bytes between samples; 0, the standard, is off) is read when
// the process starts.
std::string heap_profile();

}  // namespace odordiff::apps
