#include "batch_journal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "atomic_file.h"
#include "base/error.h"
#include "text_io.h"

namespace odordiff::apps {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kMaxJournalBytes = std::size_t{4} << 30U;

std::string shown(const fs::path& path) {
  return quote_for_message(path.string(), 200);
}

[[noreturn]] void fail(const fs::path& path, int error) {
  throw Unavailable(
      fmt::format("cannot write {}: {}; choose a writable --output", shown(path), std::strerror(error)));
}

fs::path with_suffix(fs::path path, const char* suffix) {
  path += suffix;
  return path;
}

// The names of the members in which two flat objects differ.
std::vector<std::string> differences(const Json& a, const Json& b) {
  std::vector<std::string> out;
  for (const auto& [key, value] : a.items()) {
    if (!b.contains(key) || b.at(key) != value) out.push_back(key);
  }
  for (const auto& [key, value] : b.items()) {
    if (!a.contains(key)) out.push_back(key);
  }
  return out;
}

}  // namespace

BatchJournal::BatchJournal(const std::string& output, const Json& identity, const std::vector<Json>& ids,
                           bool restart, const std::function<void(const Json&)>& on_kept)
    : output_(resolve_output(output)),
      partial_(with_suffix(output_, ".partial")),
      meta_(with_suffix(output_, ".partial.meta")),
      synced_at_(std::chrono::steady_clock::now()) {
  name_ = shown(partial_);
  fd_ = ::open(partial_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (fd_ < 0) fail(partial_, errno);
  try {
    lock();
    take_up(identity, ids, restart, on_kept);
  } catch (...) {
    ::close(fd_);
    throw;
  }
}

BatchJournal::~BatchJournal() {
  if (fd_ < 0) return;
  ::fsync(fd_);
  ::close(fd_);
}

void BatchJournal::lock() {
  if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
    throw Unavailable(
        fmt::format("another batch is writing {}; wait for it or choose another --output", name_));
  }
  // The file may have got its final name between open() and flock().
  struct stat ours = {};
  struct stat there = {};
  if (::fstat(fd_, &ours) != 0 || ::stat(partial_.c_str(), &there) != 0 || ours.st_ino != there.st_ino ||
      ours.st_dev != there.st_dev) {
    throw Unavailable(fmt::format("another batch has just finished {}; start again", shown(output_)));
  }
}

void BatchJournal::take_up(const Json& identity, const std::vector<Json>& ids, bool restart,
                           const std::function<void(const Json&)>& on_kept) {
  struct stat info = {};
  if (::fstat(fd_, &info) != 0) fail(partial_, errno);
  if (!S_ISREG(info.st_mode)) throw Unavailable(fmt::format("{} is not a regular file; remove it", name_));
  if (restart || info.st_size == 0) {
    start_anew(identity);
  } else {
    check_identity(identity);
    keep_whole_lines(ids, on_kept);
  }
}

void BatchJournal::check_identity(const Json& identity) const {
  constexpr const char* kAdvice = "go on with the same ones, or give --restart to begin anew";
  Json stored;
  std::error_code error;
  if (fs::exists(meta_, error)) stored = Json::parse(read_text(meta_.string(), 1 << 20), nullptr, false);
  if (!stored.is_object()) {
    throw InvalidInput(fmt::format(
        "{} is there, but {} does not say of which input; remove it or give --restart", name_, shown(meta_)));
  }
  const auto different = differences(stored, identity);
  if (!different.empty()) {
    throw InvalidInput(fmt::format("{} is of another input or other settings ({} differ{}); {}", name_,
                                   fmt::join(different, ", "), different.size() == 1 ? "s" : "", kAdvice));
  }
}

void BatchJournal::keep_whole_lines(const std::vector<Json>& ids,
                                    const std::function<void(const Json&)>& on_kept) {
  const std::string text = read_text(partial_.string(), kMaxJournalBytes);
  std::size_t begin = 0;
  while (finished_ < ids.size()) {
    const std::size_t end = text.find('\n', begin);
    if (end == std::string::npos) break;
    const Json line = Json::parse(text.begin() + static_cast<std::ptrdiff_t>(begin),
                                  text.begin() + static_cast<std::ptrdiff_t>(end), nullptr, false);
    // A power cut can leave blocks of zeros; from the first line that is not the expected one on, all is
    // redone.
    if (!line.is_object() || !line.contains("id") || line.at("id") != ids[finished_]) break;
    on_kept(line);
    ++finished_;
    begin = end + 1;
  }
  if (::ftruncate(fd_, static_cast<off_t>(begin)) != 0) fail(partial_, errno);
  if (::lseek(fd_, 0, SEEK_END) < 0) fail(partial_, errno);
}

void BatchJournal::start_anew(const Json& identity) {
  if (::ftruncate(fd_, 0) != 0) fail(partial_, errno);
  AtomicFile meta(meta_.string());
  meta.write(dump_pretty(identity));
  meta.commit();
}

void BatchJournal::append(const std::string& line) {
  write_all(fd_, line, name_);
  ++finished_;
  if (++unsynced_ >= kSyncLines) {
    sync();
  } else {
    sync_when_due();
  }
}

void BatchJournal::sync_when_due() {
  if (unsynced_ > 0 && std::chrono::steady_clock::now() - synced_at_ >= kSyncInterval) sync();
}

void BatchJournal::sync() {
  if (unsynced_ > 0 && ::fsync(fd_) != 0) fail(partial_, errno);
  unsynced_ = 0;
  synced_at_ = std::chrono::steady_clock::now();
}

void BatchJournal::finish() {
  if (::fsync(fd_) != 0) fail(partial_, errno);
  if (::rename(partial_.c_str(), output_.c_str()) != 0) fail(output_, errno);
  sync_folder(output_.parent_path());
  ::unlink(meta_.c_str());
  ::close(fd_);
  fd_ = -1;
}

}  // namespace odordiff::apps
