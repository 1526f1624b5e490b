// The audit log: one JSON line for each request that asks for a role, in a file of its own. It says who did
// what and when; it holds no address, no brief, no molecule, no key and no token.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "observe/log.h"
#include "server/gate/daily_pseudonym.h"
#include "server/http.h"

namespace odordiff::server {

struct AuditOptions {
  std::string file;
  int keep_days = 90;
  std::string made_by = {};                       // digest of the identity of all answers (model/identity.h)
  std::function<std::int64_t()> unix_now_s = {};  // empty: the system's clock
};

// Lines: {"time", "request_id", "trace_id", "subject", "role", "method", "route", "status", "address",
// "model"}; the address as its pseudonym of the day, the route as its pattern. Files that rotation left
// beside the log
// ("audit.jsonl.1") belong to it. Safe from many threads.
class AuditLog {
 public:
  // Throws Unavailable where the file cannot be opened. `logger` must outlive it.
  AuditLog(AuditOptions options, observe::Logger& logger);
  ~AuditLog();
  AuditLog(const AuditLog&) = delete;
  AuditLog& operator=(const AuditLog&) = delete;

  // On disk, but not synced, when it returns. A line that cannot be written is lost, and the log says so
  // once.
  void record(const Request& request, std::string_view route, int status);

  // After rotation: goes on in a new file of the same name. Where that cannot be opened, it stays with the
  // old one and throws Unavailable.
  void reopen();

  // Takes a subject's lines out of the log and of what was rotated, and returns how many; compressed files
  // are left alone. Throws Unavailable where a file cannot be rewritten.
  std::uint64_t erase(const std::string& subject);

  // Forgets what is older than the retention; how many lines, and files that went whole count as one.
  std::uint64_t drop_old();
  void set_keep_days(int days);

 private:
  using Keep = std::function<bool(std::string_view line)>;
  std::uint64_t rewrite_all(const Keep& keep);
  std::uint64_t rewrite(const std::string& path, bool live, const Keep& keep);

  const AuditOptions options_;
  observe::Logger& logger_;
  DailyPseudonym pseudonym_;
  std::mutex rewriting_;  // held throughout a rewriting, before mutex_
  std::mutex mutex_;      // guards what follows
  int fd_ = -1;
  int keep_days_;
  bool losing_ = false;
};

}  // namespace odordiff::server
