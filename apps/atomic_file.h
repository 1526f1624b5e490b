// A file that appears under its name only when it is whole: written under a temporary name beside it, synced,
// renamed.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace odordiff::apps {

class AtomicFile {
 public:
  // Opens the temporary file at once, so that an unwritable place is known before the work is done. "-" is
  // stdout, and what is not a regular file (/dev/null, a FIFO) is written to directly. A link is followed:
  // its target is replaced. Throws Unavailable saying what is wrong with `path`.
  explicit AtomicFile(const std::string& path);
  // Removes the temporary file when commit() was not reached.
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  // Throws Unavailable (disk full) or ClosedPipe.
  void write(std::string_view text);
  // REQUIRES: called once, after the last write.
  void commit();

 private:
  std::string name_;              // for messages
  std::filesystem::path target_;  // empty: no rename at the end
  std::filesystem::path temporary_;
  int fd_ = -1;
};

// Makes a rename or removal in `folder` survive a power cut. Throws Unavailable.
void sync_folder(const std::filesystem::path& folder);

// `path` with its links resolved. Throws Unavailable when its folder is not there or `path` is a folder.
std::filesystem::path resolve_output(const std::string& path);

}  // namespace odordiff::apps
