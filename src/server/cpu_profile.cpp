#include "server/cpu_profile.h"

#include <fcntl.h>
#include <gperftools/profiler.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <thread>

#include "base/error.h"

namespace odordiff::server {
namespace {

constexpr std::chrono::milliseconds kEndedLook{50};  // how often `ended` is asked

// The profiler is one for the process.
std::mutex& one_at_a_time() {
  static std::mutex mutex;
  return mutex;
}

// A file that goes with its object.
class TemporaryFile {
 public:
  TemporaryFile() : path_((std::filesystem::temp_directory_path() / "odordiff-profile-XXXXXX").string()) {
    const int fd = ::mkostemp(path_.data(), O_CLOEXEC);
    if (fd < 0) throw Unavailable("a profile needs a temporary file, and none can be made");
    ::close(fd);
  }
  ~TemporaryFile() { ::unlink(path_.c_str()); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace

std::string cpu_profile(std::chrono::milliseconds duration, const std::function<bool()>& ended) {
  const std::unique_lock lock(one_at_a_time(), std::try_to_lock);
  if (!lock.owns_lock()) throw Overloaded("another profile is being taken; ask again when it is done");
  const TemporaryFile file;
  if (ProfilerStart(file.path().c_str()) == 0) throw Unavailable("the profiler cannot be started");
  const auto until = std::chrono::steady_clock::now() + duration;
  while (std::chrono::steady_clock::now() < until && !ended()) {
    std::this_thread::sleep_for(std::min(kEndedLook, duration));
  }
  ProfilerStop();
  std::ifstream in(file.path(), std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace odordiff::server
