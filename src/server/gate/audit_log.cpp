#include "server/gate/audit_log.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <vector>

#include "base/error.h"
#include "base/replacement.h"
#include "server/json.h"

namespace odordiff::server {
namespace fs = std::filesystem;
namespace {

constexpr std::int64_t kDay_s = 86'400;
constexpr std::string_view kBeforeTime = "{\"time\":\"";
constexpr int kAttempts = 5;  // at a file that is rotated while it is rewritten

[[noreturn]] void fail(const std::string& path) {
  throw Unavailable(
      fmt::format("cannot write the audit log {}: {}", quote_for_message(path, 300), std::strerror(errno)));
}

// Ends a line that a process did not live to write whole, so that the next one stands alone. REQUIRES: nobody
// writes, for a line that is being written looks torn.
void end_torn_line(int fd) {
  struct stat state {};
  if (::fstat(fd, &state) != 0 || !S_ISREG(state.st_mode) || state.st_size == 0) return;
  char last = '\n';
  if (::pread(fd, &last, 1, state.st_size - 1) == 1 && last != '\n') (void)::write(fd, "\n", 1);
}

int open_log(const std::string& path) {
  // Pipes and devices are for writing only; O_RDWR on a pipe would keep it open without a reader.
  struct stat state {};
  const bool is_file = ::stat(path.c_str(), &state) != 0 || S_ISREG(state.st_mode);
  const int fd = ::open(path.c_str(), (is_file ? O_RDWR : O_WRONLY) | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) fail(path);
  return fd;
}

bool write_whole(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

bool is_compressed(const std::string& name) {
  return name.ends_with(".gz") || name.ends_with(".xz") || name.ends_with(".zst") || name.ends_with(".bz2");
}

// With a link to a file followed, so that it is the file that is rewritten and not the link. What is no file
// (a pipe, a device) stays as it is.
AuditOptions resolved(AuditOptions options) {
  std::error_code error;
  if (fs::is_symlink(options.file, error) && fs::is_regular_file(options.file, error))
    options.file = fs::canonical(options.file).string();
  return options;
}

// The log and what rotation left beside it.
std::vector<fs::path> files_of(const std::string& log) {
  std::vector<fs::path> out;
  const fs::path path = fs::absolute(log);
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(path.parent_path(), error)) {
    const std::string name = entry.path().filename().string(), base = path.filename().string();
    if ((name == base || (name.starts_with(base) && name[base.size()] == '.')) &&
        fs::is_regular_file(entry.symlink_status(error)))
      out.push_back(entry.path());
  }
  return out;
}

bool is_same_file(int fd, const std::string& path) {
  struct stat a {
  }, b{};
  return ::fstat(fd, &a) == 0 && ::stat(path.c_str(), &b) == 0 && a.st_ino == b.st_ino &&
         a.st_dev == b.st_dev;
}

}  // namespace

AuditLog::AuditLog(AuditOptions options, observe::Logger& logger)
    : options_(resolved(std::move(options))),
      logger_(logger),
      fd_(open_log(options_.file)),
      keep_days_(options_.keep_days) {
  end_torn_line(fd_);
}

AuditLog::~AuditLog() {
  ::close(fd_);
}

void AuditLog::record(const Request& request, std::string_view route, int status) {
  const std::int64_t now = options_.unix_now_s ? options_.unix_now_s() : std::time(nullptr);
  const Json line = {
      {"time", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(static_cast<std::time_t>(now)))},
      {"request_id", request.id},
      {"trace_id", request.trace_id},
      {"subject", request.subject.empty() ? Json(nullptr) : Json(request.subject)},
      {"role", to_string(request.role)},
      {"method", request.method},
      {"route", route},
      {"status", status},
      {"address", pseudonym_.of(request.address, now)},
      {"model", options_.made_by}};
  const std::string text = compact(line) + "\n";
  bool lost = false;
  {
    const std::lock_guard lock(mutex_);
    // Of the last one, the beginning may stand there.
    const bool written = write_whole(fd_, losing_ ? "\n" + text : text);
    lost = !written && !losing_;
    losing_ = !written;
  }
  if (lost) {
    logger_.log(observe::Level::Error, "audit lines are being lost: the file cannot be written",
                {{"file", options_.file}});
  }
}

void AuditLog::reopen() {
  const std::lock_guard rewriting(rewriting_);
  const int fresh = open_log(options_.file);
  const std::lock_guard lock(mutex_);
  ::close(std::exchange(fd_, fresh));
}

void AuditLog::set_keep_days(int days) {
  const std::lock_guard lock(mutex_);
  keep_days_ = days;
}

std::uint64_t AuditLog::erase(const std::string& subject) {
  const std::string written = compact(Json(subject));
  return rewrite_all([&](std::string_view line) {
    if (line.find(written) == std::string_view::npos) return true;
    // Of a line that cannot be read, all that names the subject goes.
    const Json json = Json::parse(line, nullptr, false);
    return json.is_object() && (!json.contains("subject") || json["subject"] != subject);
  });
}

std::uint64_t AuditLog::drop_old() {
  int days = 0;
  {
    const std::lock_guard lock(mutex_);
    days = keep_days_;
  }
  const std::int64_t now = options_.unix_now_s ? options_.unix_now_s() : std::time(nullptr);
  const std::int64_t limit_s = now - days * kDay_s;
  std::uint64_t dropped = 0;
  for (const auto& path : files_of(options_.file)) {
    struct stat state {};
    const bool old = ::stat(path.c_str(), &state) == 0 && state.st_mtim.tv_sec < limit_s;
    if (!old || path == fs::absolute(options_.file)) continue;
    std::error_code error;
    dropped += fs::remove(path, error) ? 1 : 0;
  }
  const std::string limit =
      fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(static_cast<std::time_t>(limit_s)));
  return dropped + rewrite_all([&](std::string_view line) {
           return !line.starts_with(kBeforeTime) || line.substr(kBeforeTime.size(), limit.size()) >= limit;
         });
}

std::uint64_t AuditLog::rewrite_all(const Keep& keep) {
  reopen();  // so that the log has its name, if it was rotated a moment ago
  const std::lock_guard rewriting(rewriting_);
  std::uint64_t dropped = 0;
  const fs::path log = fs::absolute(options_.file);
  for (const auto& path : files_of(options_.file)) {
    if (!is_compressed(path.string())) dropped += rewrite(path.string(), path == log, keep);
  }
  return dropped;
}

std::uint64_t AuditLog::rewrite(const std::string& path, bool live, const Keep& keep) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return 0;
    Replacement fresh(path, 0600);
    std::uint64_t dropped = 0;
    std::uintmax_t read = 0;
    const auto pass_on = [&](std::uintmax_t until) {
      for (std::string line; read < until && std::getline(in, line);) {
        read += line.size() + 1;
        if (keep(line)) {
          fresh.write(line);
          fresh.write("\n");
        } else {
          ++dropped;
        }
      }
    };
    if (!live) {
      pass_on(UINTMAX_MAX);
      if (dropped > 0) fresh.commit();
      return dropped;
    }
    // Most of it goes without holding anybody up; what is written meanwhile follows under the lock.
    std::unique_lock lock(mutex_);
    const std::uintmax_t size = fs::file_size(path);
    lock.unlock();
    pass_on(size);
    lock.lock();
    if (!is_same_file(fd_, path)) continue;
    in.clear();
    pass_on(UINTMAX_MAX);
    if (dropped == 0) return 0;
    fresh.commit();
    ::close(std::exchange(fd_, open_log(path)));
    return dropped;
  }
  throw Unavailable(fmt::format("the audit log {} is rotated faster than it can be rewritten",
                                quote_for_message(path, 300)));
}

}  // namespace odordiff::server
