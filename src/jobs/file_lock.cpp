#include "jobs/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/error.h"

namespace odordiff::jobs {

FileLock::FileLock(const std::filesystem::path& path)
    : descriptor_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
  if (descriptor_ < 0) {
    throw Unavailable("cannot open " + path.string() + ": " + std::generic_category().message(errno));
  }
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return;
  const int error = errno;
  ::close(descriptor_);
  throw Unavailable(error == EWOULDBLOCK
                        ? "another process owns " + path.string()
                        : "cannot lock " + path.string() + ": " + std::generic_category().message(error));
}

FileLock::~FileLock() {
  ::close(descriptor_);
}

}  // namespace odordiff::jobs
