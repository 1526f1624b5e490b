#include "safety/table_file.h"

#include <fstream>

#include "base/error.h"

namespace odordiff::safety {
namespace {

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \r");
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(" \r") - first + 1);
}

// Every part, empty ones too.
std::vector<std::string> cut(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (true) {
    const auto end = text.find(separator, begin);
    parts.push_back(trimmed(text.substr(begin, end == std::string::npos ? end : end - begin)));
    if (end == std::string::npos) return parts;
    begin = end + 1;
  }
}

}  // namespace

std::vector<std::string> split(const std::string& text, char separator) {
  return text.empty() ? std::vector<std::string>{} : cut(text, separator);
}

std::vector<TableRow> read_table(const std::filesystem::path& file, std::size_t columns) {
  std::ifstream in(file);
  if (!in) throw Unavailable("cannot read the safety table " + file.string());
  std::vector<TableRow> rows;
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    if (trimmed(line).empty() || line.front() == '#') continue;
    TableRow row{cut(line, '\t'), file.filename().string() + ":" + std::to_string(number)};
    if (row.cells.size() != columns) {
      throw InvalidInput(row.place + ": " + std::to_string(row.cells.size()) + " columns; expected " +
                         std::to_string(columns) + ", separated by tabs");
    }
    rows.push_back(std::move(row));
  }
  if (in.bad()) throw Unavailable("cannot read the safety table " + file.string());
  return rows;
}

}  // namespace odordiff::safety
