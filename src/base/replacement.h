// A file that takes another's place when it is whole: written beside it under a temporary name, synced,
// renamed, and its folder synced, so that a crash or a power cut leaves the old file or the new one.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <string_view>

namespace odordiff {

// All of it throws Unavailable, "cannot write FILE: why".
class Replacement {
 public:
  // Opens the temporary file at once. Of a link what it leads to is replaced. `mode` is a new file's; one
  // that is replaced hands on its own.
  explicit Replacement(const std::filesystem::path& target, mode_t mode = 0666);
  // Removes the temporary file when commit() was not reached.
  ~Replacement();
  Replacement(const Replacement&) = delete;
  Replacement& operator=(const Replacement&) = delete;

  void write(std::string_view bytes);  // buffered
  // REQUIRES: called once, after the last write.
  void commit();

 private:
  [[noreturn]] void fail(int error) const;
  void flush();

  const std::filesystem::path target_;
  std::filesystem::path temporary_;
  int fd_ = -1;
  std::string buffer_;
};

void replace_file(const std::filesystem::path& target, std::string_view bytes, mode_t mode = 0666);

// Makes a rename or removal in `folder` survive a power cut. Throws Unavailable.
void sync_folder(const std::filesystem::path& folder);

}  // namespace odordiff
