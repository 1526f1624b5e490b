#include "text_io.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "interrupt.h"

namespace odordiff::apps {
namespace {

constexpr std::size_t kMaxLineBytes = 1 << 20;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

// Bytes read into `buffer`; 0 at the end.
std::size_t read_some(int fd, char* buffer, std::size_t size, const std::string& name) {
  for (;;) {
    throw_if_interrupted();
    const ssize_t got = ::read(fd, buffer, size);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) throw Unavailable(fmt::format("cannot read {}: {}", name, std::strerror(errno)));
  }
}

// Lines end by LF, CR LF, or CR alone, as old documents have it.
struct LineEnd {
  std::size_t at = std::string_view::npos;  // nothing: no line has ended
  std::size_t next = 0;                     // where the next one begins
};

// The end of the line that begins at `begin`. A CR at the end of what was read may be half of CR LF: it
// counts only where `all` was read.
LineEnd line_end(std::string_view text, std::size_t begin, bool all) {
  const std::size_t at = text.find_first_of("\r\n", begin);
  if (at == std::string_view::npos) return {};
  if (text[at] == '\n') return {at, at + 1};
  if (at + 1 == text.size() && !all) return {};
  return {at, at + 1 < text.size() && text[at + 1] == '\n' ? at + 2 : at + 1};
}

}  // namespace

void write_all(int fd, std::string_view text, const std::string& name) {
  while (!text.empty()) {
    const ssize_t put = ::write(fd, text.data(), text.size());
    if (put >= 0) {
      text.remove_prefix(static_cast<std::size_t>(put));
    } else if (errno == EPIPE) {
      throw ClosedPipe{};
    } else if (errno != EINTR) {
      throw Unavailable(fmt::format("cannot write {}: {}", name, std::strerror(errno)));
    }
  }
}

void write_stdout(std::string_view text) {
  write_all(STDOUT_FILENO, text, "the output");
}

void write_stderr(std::string_view text) {
  while (!text.empty()) {
    const ssize_t put = ::write(STDERR_FILENO, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(put));
  }
}

std::string read_all(int fd, const std::string& name, std::size_t max_bytes) {
  std::string text;
  std::array<char, 65536> buffer;
  while (const std::size_t got = read_some(fd, buffer.data(), buffer.size(), name)) {
    text.append(buffer.data(), got);
    if (text.size() > max_bytes) {
      throw InvalidInput(fmt::format("{} is too long; at most {} bytes are read", name, max_bytes));
    }
  }
  return text;
}

std::string read_text(const std::string& path, std::size_t max_bytes) {
  if (path == "-") return read_all(STDIN_FILENO, "stdin", max_bytes);
  const std::string name = quote_for_message(path, 200);
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    throw InvalidInput(
        fmt::format("cannot read {}: {}; give a readable file, or - for stdin", name, std::strerror(errno)));
  }
  struct Closer {
    int fd;
    ~Closer() { ::close(fd); }
  } closer{fd};
  struct stat info = {};
  if (::fstat(fd, &info) == 0 && S_ISDIR(info.st_mode)) {
    throw InvalidInput(fmt::format("{} is a folder; give a file, or - for stdin", name));
  }
  return read_all(fd, name, max_bytes);
}

bool stdin_is_terminal() {
  return ::isatty(STDIN_FILENO) == 1;
}

std::vector<std::string> split_lines(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  std::vector<std::string> lines;
  while (!text.empty()) {
    const LineEnd end = line_end(text, 0, true);
    lines.emplace_back(text.substr(0, end.at));
    text.remove_prefix(end.at == std::string_view::npos ? text.size() : end.next);
  }
  return lines;
}

std::optional<std::string> LineReader::next() {
  for (;;) {
    const LineEnd end = line_end(buffer_, begin_, ended_);
    const bool has_ended = end.at != std::string::npos;
    if (has_ended || (ended_ && begin_ < buffer_.size())) {
      std::string line = buffer_.substr(begin_, has_ended ? end.at - begin_ : std::string::npos);
      begin_ = has_ended ? end.next : buffer_.size();
      if (std::exchange(first_, false) && line.starts_with(kByteOrderMark)) {
        line.erase(0, kByteOrderMark.size());
      }
      return line;
    }
    if (ended_) return std::nullopt;
    buffer_.erase(0, std::exchange(begin_, 0));
    if (buffer_.size() > kMaxLineBytes) throw InvalidInput("a line of stdin is over 1 MiB long");
    std::array<char, 65536> chunk;
    const std::size_t got = read_some(fd_, chunk.data(), chunk.size(), "stdin");
    buffer_.append(chunk.data(), got);
    ended_ = got == 0;
  }
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n\v\f";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

SmilesLine read_smiles_line(std::string_view line, std::string_view separators) {
  const std::string_view text = trim(line);
  const std::size_t end = std::min(text.find_first_of(separators), text.size());
  return {std::string(text.substr(0, end)), std::string(trim(text.substr(std::min(end + 1, text.size()))))};
}

}  // namespace odordiff::apps
