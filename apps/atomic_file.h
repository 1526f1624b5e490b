// What a command writes its answer to: a file that appears under its name only when it is whole
// (base/replacement.h), stdout, or a device.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/replacement.h"

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
  std::string name_;                        // for messages
  std::optional<Replacement> replacement_;  // nothing: written directly
  int fd_ = -1;
};

// `path` with its links resolved. Throws Unavailable when its folder is not there or `path` is a folder.
std::filesystem::path resolve_output(const std::string& path);

}  // namespace odordiff::apps
