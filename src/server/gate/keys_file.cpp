#include "server/gate/keys_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "base/replacement.h"
#include "base/sha256.h"
#include "server/config/toml_file.h"

namespace odordiff::server {
namespace {

using Listed = std::vector<ApiKeys::Listed>;

// Held while a file is changed. Whoever waited for it meanwhile holds the file that was replaced, and takes
// the new one.
class KeysLock {
 public:
  explicit KeysLock(const std::string& file) {
    while (true) {
      fd_ = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
      if (fd_ < 0) {
        throw Unavailable(
            fmt::format("cannot read {}: {}", quote_for_message(file, 200), std::strerror(errno)));
      }
      while (::flock(fd_, LOCK_EX) != 0 && errno == EINTR) {
      }
      struct stat held {
      }, there{};
      if (::fstat(fd_, &held) == 0 && ::stat(file.c_str(), &there) == 0 && held.st_ino == there.st_ino)
        return;
      ::close(fd_);
    }
  }
  ~KeysLock() { ::close(fd_); }
  KeysLock(const KeysLock&) = delete;
  KeysLock& operator=(const KeysLock&) = delete;

 private:
  int fd_ = -1;
};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    lines.push_back(text.substr(at, end - at));
    at = end;
  }
  return lines;
}

std::string_view trimmed_line(std::string_view line) {
  if (line.starts_with("\xef\xbb\xbf")) line.remove_prefix(3);
  const auto first = line.find_first_not_of(" \t\r\n");
  return first == std::string_view::npos ? std::string_view() : line.substr(first);
}

// The lines of a key: its header, the comments right above it, and what follows up to a blank line, another
// header or the comments right above that.
struct Lines {
  std::size_t begin = 0, end = 0;
};

std::vector<Lines> keys_in(const std::vector<std::string>& lines) {
  std::vector<Lines> out;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (!trimmed_line(lines[i]).starts_with("[[")) continue;
    Lines key{i, i + 1};
    while (key.begin > 0 && trimmed_line(lines[key.begin - 1]).starts_with("#")) --key.begin;
    if (!out.empty()) out.back().end = std::min(out.back().end, key.begin);
    while (key.end < lines.size() && !trimmed_line(lines[key.end]).empty() &&
           !trimmed_line(lines[key.end]).starts_with("[")) {
      ++key.end;
    }
    out.push_back(key);
  }
  return out;
}

// The keys of the file, and where the one of that name is among them.
struct Found {
  std::string text;
  Listed keys;
  std::size_t index = 0;
};

Found find_key(const std::string& file, const std::string& name) {
  Found out{TomlFile::text_of(file), {}, 0};
  out.keys = ApiKeys::parse(file, out.text).list();
  std::vector<std::string> names;
  for (const auto& key : out.keys) names.push_back(key.name);
  out.index = static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
  if (out.index < names.size()) return out;
  throw InvalidInput(fmt::format("no key in {} is called {}; there are {}", quote_for_message(file, 200),
                                 quote_for_message(name),
                                 names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "))));
}

bool says(const std::string& file, const std::string& text, const Listed& wanted) {
  try {
    return ApiKeys::parse(file, text).list() == wanted;
  } catch (const InvalidInput&) {
    return false;
  }
}

[[noreturn]] void by_hand(const std::string& file) {
  throw InvalidInput(fmt::format("{} is not written as plain [[key]] tables; change it by hand",
                                 quote_for_message(file, 200)));
}

}  // namespace

void revoke_key(const std::string& file, const std::string& name,
                const std::function<void(const Listed& left)>& allow) {
  const KeysLock lock(file);
  const Found found = find_key(file, name);
  Listed left = found.keys;
  left.erase(left.begin() + static_cast<std::ptrdiff_t>(found.index));
  if (allow) allow(left);
  if (left.empty()) {
    throw InvalidInput(
        fmt::format("{} is the only key in {}, and a server takes no file without one; make another first",
                    quote_for_message(name), quote_for_message(file, 200)));
  }
  std::vector<std::string> lines = lines_of(found.text);
  const auto keys = keys_in(lines);
  if (keys.size() != found.keys.size()) by_hand(file);
  const Lines gone = keys[found.index];
  std::string text = lines.front().starts_with("\xef\xbb\xbf") && gone.begin == 0 ? "\xef\xbb\xbf" : "";
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i < gone.begin || i >= gone.end) text += lines[i];
  }
  if (!says(file, text, left)) by_hand(file);
  replace_file(file, text, 0600);
}

std::string rotate_key(const std::string& file, const std::string& name) {
  const KeysLock lock(file);
  const Found found = find_key(file, name);
  std::string key = new_api_key();
  const std::string before = found.keys[found.index].sha256, after = sha256_hex(key);
  Listed wanted = found.keys;
  wanted[found.index].sha256 = after;
  // The digest may stand in comments as well.
  for (std::size_t at = found.text.find(before); at != std::string::npos;
       at = found.text.find(before, at + 1)) {
    std::string text = found.text;
    text.replace(at, before.size(), after);
    if (!says(file, text, wanted)) continue;
    replace_file(file, text, 0600);
    return key;
  }
  by_hand(file);
}

}  // namespace odordiff::server
