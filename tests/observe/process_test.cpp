// The figures of the process are those of this process.
#include "observe/process.h"

#include <gtest/gtest.h>

#include <ctime>

namespace odordiff::observe {
namespace {

TEST(Process, FiguresArePlausible) {
  const auto figures = process_figures();
  EXPECT_GT(figures.resident_bytes, 1U << 20U);
  EXPECT_GE(figures.open_files, 3U);
  EXPECT_GT(figures.cpu_seconds, 0);
  EXPECT_LT(figures.start_time_s, static_cast<double>(std::time(nullptr)) + 2);
  EXPECT_GT(figures.start_time_s, 1.6e9);
}

TEST(Process, ThePageHasThem) {
  Registry registry;
  register_process(registry);
  for (const char* name : {"process_resident_memory_bytes", "process_cpu_seconds_total", "process_open_fds",
                           "process_start_time_seconds"}) {
    EXPECT_NE(registry.text().find(name), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace odordiff::observe
