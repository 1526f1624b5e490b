// What the operating system says about this process, under the names that Prometheus' own client libraries
// use.
#pragma once

#include <cstdint>

#include "observe/metrics.h"

namespace odordiff::observe {

struct ProcessFigures {
  std::uint64_t resident_bytes = 0;
  std::uint64_t open_files = 0;
  double cpu_seconds = 0;   // user and system
  double start_time_s = 0;  // since the epoch
};
// Zeros where /proc does not say.
ProcessFigures process_figures();

// process_resident_memory_bytes, process_cpu_seconds_total, process_open_fds, process_start_time_seconds.
void register_process(Registry& registry);

}  // namespace odordiff::observe
