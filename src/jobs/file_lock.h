// One owner of a file at a time, over all processes of a machine; the system lets go when the process ends,
// however.
#pragma once

#include <filesystem>

namespace odordiff::jobs {

class FileLock {
 public:
  // Throws Unavailable when another has it, or the file cannot be made.
  explicit FileLock(const std::filesystem::path& path);
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

 private:
  int descriptor_;
};

}  // namespace odordiff::jobs
