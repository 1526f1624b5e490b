#include "atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "base/error.h"
#include "base/links.h"
#include "text_io.h"

namespace odordiff::apps {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void fail(const std::string& name, int error) {
  throw Unavailable(
      fmt::format("cannot write {}: {}; choose a writable --output", name, std::strerror(error)));
}

}  // namespace

fs::path resolve_output(const std::string& path) {
  const std::string name = quote_for_message(path, 200);
  if (path.empty()) throw Unavailable("the output file has an empty name; choose a writable --output");
  std::error_code error;
  if (fs::is_directory(path, error)) {
    throw Unavailable(fmt::format("cannot write {}: it is a folder; choose a file as --output", name));
  }
  fs::path target = path;
  if (fs::is_symlink(target, error)) target = behind_links(target);
  const fs::path folder = target.has_parent_path() ? target.parent_path() : fs::path(".");
  if (!fs::is_directory(folder, error)) {
    throw Unavailable(
        fmt::format("cannot write {}: its folder does not exist; choose a writable --output", name));
  }
  return target;
}

AtomicFile::AtomicFile(const std::string& path) : name_(quote_for_message(path, 200)) {
  if (path == "-") {
    name_ = "the output";
    fd_ = STDOUT_FILENO;
    return;
  }
  const fs::path target = resolve_output(path);
  struct stat info = {};
  const bool exists = ::stat(target.c_str(), &info) == 0;
  if (exists && !S_ISREG(info.st_mode)) {
    fd_ = ::open(target.c_str(), O_WRONLY | O_CLOEXEC);
    if (fd_ < 0) fail(name_, errno);
    return;
  }
  if (exists && ::access(target.c_str(), W_OK) != 0) fail(name_, errno);
  target_ = target;
  temporary_ = target.parent_path() / fmt::format(".{}.{}.tmp", target.filename().string(), ::getpid());
  fd_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
  if (fd_ < 0) {
    temporary_.clear();
    fail(name_, errno);
  }
  if (exists) ::fchmod(fd_, info.st_mode & 0777);
}

AtomicFile::~AtomicFile() {
  if (fd_ > STDERR_FILENO) ::close(fd_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void AtomicFile::write(std::string_view text) {
  write_all(fd_, text, name_);
}

void AtomicFile::commit() {
  if (target_.empty()) return;
  if (::fsync(fd_) != 0) fail(name_, errno);
  const int closed = ::close(fd_);
  fd_ = -1;
  if (closed != 0) fail(name_, errno);
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail(name_, errno);
  temporary_.clear();
  sync_folder(target_.parent_path());
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
  if (failed) fail(quote_for_message(path.string(), 200), error);
}

}  // namespace odordiff::apps
