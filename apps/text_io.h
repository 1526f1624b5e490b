// Reading and writing whole texts through file descriptors: short writes, interruptions and closed pipes are
// dealt with here and nowhere else.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace odordiff::apps {

// The reader of our output has gone (`odordiff … | head -1`).
struct ClosedPipe {};

// Throws ClosedPipe, or Unavailable naming `name` (disk full, I/O error).
void write_all(int fd, std::string_view text, const std::string& name);
void write_stdout(std::string_view text);
// Best effort: what cannot be said on stderr is lost.
void write_stderr(std::string_view text);

// Reads `fd` to its end. Throws InvalidInput when there are more than `max_bytes`, Unavailable on an I/O
// error, Cancelled on Ctrl-C.
std::string read_all(int fd, const std::string& name, std::size_t max_bytes);
// "-" is stdin. Throws InvalidInput when the file is not there or is a folder.
std::string read_text(const std::string& path, std::size_t max_bytes);
bool stdin_is_terminal();

// Lines without their ends ("\n" or "\r\n"); a last line without an end counts, an empty rest does not. A
// leading byte-order mark is dropped.
std::vector<std::string> split_lines(std::string_view text);

// Lines of `fd` one after another, without reading ahead of what the reader of our answers may wait for.
class LineReader {
 public:
  explicit LineReader(int fd) : fd_(fd) {}
  // Empty at the end. Throws as read_all.
  std::optional<std::string> next();

 private:
  int fd_;
  std::string buffer_;
  std::size_t begin_ = 0;
  bool ended_ = false;
  bool first_ = true;
};

std::string_view trim(std::string_view text);

// A line of a SMILES file, "CCO ethanol": the structure, and what follows it as its name, or empty.
struct SmilesLine {
  std::string smiles, name;
};
SmilesLine read_smiles_line(std::string_view line, std::string_view separators = " \t");

}  // namespace odordiff::apps
