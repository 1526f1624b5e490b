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

constexpr const char* kAdvice = "; choose a writable --output";

[[noreturn]] void fail(const std::string& name, int error) {
  throw Unavailable(fmt::format("cannot write {}: {}{}", name, std::strerror(error), kAdvice));
}

// With what to do about it.
template <typename Writing>
void advised(Writing&& writing) {
  try {
    writing();
  } catch (const Unavailable& error) {
    throw Unavailable(std::string(error.what()) + kAdvice);
  }
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
  advised([&] { replacement_.emplace(target); });
}

AtomicFile::~AtomicFile() {
  if (fd_ > STDERR_FILENO) ::close(fd_);
}

void AtomicFile::write(std::string_view text) {
  if (!replacement_) return write_all(fd_, text, name_);
  advised([&] { replacement_->write(text); });
}

void AtomicFile::commit() {
  if (replacement_) advised([&] { replacement_->commit(); });
}

}  // namespace odordiff::apps
