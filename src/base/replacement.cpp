#include "base/replacement.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "base/links.h"

namespace odordiff {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kBuffered = 1U << 16U;

[[noreturn]] void cannot_write(const fs::path& file, int error) {
  throw Unavailable("cannot write " + quote_for_message(file.string(), 200) + ": " + std::strerror(error));
}

// Where it is written: a link stays, and what it leads to is replaced.
fs::path end_of_links(const fs::path& target) {
  std::error_code error;
  return fs::is_symlink(target, error) ? behind_links(target) : target;
}

}  // namespace

Replacement::Replacement(const fs::path& target, mode_t mode) : target_(end_of_links(target)) {
  struct stat old {};
  const bool exists = ::stat(target_.c_str(), &old) == 0;
  static std::atomic<unsigned> made{0};
  std::string name = ".";
  name.append(target_.filename().string())
      .append(".")
      .append(std::to_string(::getpid()))
      .append("-")
      .append(std::to_string(++made))
      .append(".tmp");
  temporary_ = target_.parent_path() / name;
  fd_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode);
  if (fd_ < 0) {
    const int error = errno;
    temporary_.clear();
    fail(error);
  }
  if (exists) (void)::fchmod(fd_, old.st_mode & 07777);
}

Replacement::~Replacement() {
  if (fd_ >= 0) ::close(fd_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void Replacement::fail(int error) const {
  cannot_write(target_, error);
}

void Replacement::flush() {
  for (std::size_t at = 0; at < buffer_.size();) {
    const ssize_t n = ::write(fd_, buffer_.data() + at, buffer_.size() - at);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail(errno);
    at += static_cast<std::size_t>(n);
  }
  buffer_.clear();
}

void Replacement::write(std::string_view bytes) {
  buffer_ += bytes;
  if (buffer_.size() >= kBuffered) flush();
}

void Replacement::commit() {
  flush();
  if (::fsync(fd_) != 0) fail(errno);
  if (::close(std::exchange(fd_, -1)) != 0) fail(errno);
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail(errno);
  temporary_.clear();
  sync_folder(target_.parent_path());
}

void replace_file(const fs::path& target, std::string_view bytes, mode_t mode) {
  Replacement file(target, mode);
  file.write(bytes);
  file.commit();
}

void sync_folder(const fs::path& folder) {
  const fs::path path = folder.empty() ? fs::path(".") : folder;
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  // A folder that cannot be opened for reading can still be written to; then the sync is left to the system.
  if (fd < 0) return;
  // Some file systems do not sync folders and say EINVAL.
  const bool failed = ::fsync(fd) != 0 && errno != EINVAL;
  const int error = errno;
  ::close(fd);
  if (failed) cannot_write(path, error);
}

}  // namespace odordiff
