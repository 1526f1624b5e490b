#include "observe/process.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

namespace odordiff::observe {
namespace {

double seconds(const timeval& t) {
  return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
}

// Field 22 of /proc/self/stat is the start in clock ticks since boot; btime of /proc/stat says when that was.
double start_time() {
  std::ifstream stat("/proc/self/stat");
  std::string text((std::istreambuf_iterator<char>(stat)), {});
  const std::size_t name_end = text.rfind(')');  // the second field may hold spaces
  if (name_end == std::string::npos) return 0;
  std::istringstream fields(text.substr(name_end + 1));
  std::string word;
  for (int i = 3; i <= 22; ++i) fields >> word;
  std::ifstream boot("/proc/stat");
  std::string line;
  double boot_time = 0;
  while (std::getline(boot, line)) {
    if (line.starts_with("btime ")) boot_time = std::strtod(line.c_str() + 6, nullptr);
  }
  return boot_time + std::strtod(word.c_str(), nullptr) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace

ProcessFigures process_figures() {
  ProcessFigures out;
  std::ifstream statm("/proc/self/statm");
  std::uint64_t pages = 0, resident = 0;
  if (statm >> pages >> resident)
    out.resident_bytes = resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  std::error_code error;
  for (std::filesystem::directory_iterator at("/proc/self/fd", error), end; !error && at != end;
       at.increment(error)) {
    ++out.open_files;
  }
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) == 0)
    out.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  out.start_time_s = start_time();
  return out;
}

void register_process(Registry& registry) {
  registry.gauge_from("process_resident_memory_bytes", "Resident memory.",
                      [] { return static_cast<double>(process_figures().resident_bytes); });
  registry.gauge_from("process_open_fds", "Open file descriptors.",
                      [] { return static_cast<double>(process_figures().open_files); });
  registry.counter_from("process_cpu_seconds_total", "User and system CPU time.",
                        [] { return process_figures().cpu_seconds; });
  const double started = process_figures().start_time_s;
  registry.gauge_from("process_start_time_seconds", "Start of the process, since the epoch.",
                      [started] { return started; });
}

}  // namespace odordiff::observe
