#include "synthesis/table_file.h"

#include <charconv>
#include <fstream>

#include "base/error.h"

namespace odordiff::synthesis {

std::vector<std::string> split(std::string_view text, std::string_view separator) {
  std::vector<std::string> out;
  for (;;) {
    const std::size_t stop = text.find(separator);
    out.emplace_back(text.substr(0, stop));
    if (stop == std::string_view::npos) return out;
    text.remove_prefix(stop + separator.size());
  }
}

std::vector<std::string> words_of(std::string_view text) {
  if (text == "-") return {};
  return split(text, " ");
}

void table_error(const std::filesystem::path& file, std::size_t line, const std::string& what) {
  throw Unavailable(file.string() + ":" + std::to_string(line) + ": " + what);
}

double parse_number(const std::filesystem::path& file, std::size_t line, std::string_view text, double low,
                    double high, const std::string& what) {
  double value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{} || end != text.data() + text.size() || !(value >= low && value <= high)) {
    table_error(file, line,
                what + " is " + quote_for_message(std::string(text)) + "; expected a number from " +
                    std::to_string(low) + " to " + std::to_string(high));
  }
  return value;
}

std::vector<TableRow> read_table(const std::filesystem::path& file, std::size_t columns) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw Unavailable("cannot read the table " + file.string());
  std::vector<TableRow> rows;
  std::string text;
  for (std::size_t line = 1; std::getline(in, text); ++line) {
    if (!text.empty() && text.back() == '\r') text.pop_back();
    if (text.empty() || text.starts_with('#')) continue;
    TableRow row{line, split(text, "\t")};
    if (row.fields.size() != columns) {
      table_error(
          file, line,
          std::to_string(row.fields.size()) + " fields between tabs; expected " + std::to_string(columns));
    }
    for (std::size_t i = 0; i < columns; ++i) {
      if (row.fields[i].empty()) {
        table_error(file, line, "field " + std::to_string(i + 1) + " is empty; write - for nothing");
      }
    }
    rows.push_back(std::move(row));
  }
  if (in.bad()) throw Unavailable("cannot read the table " + file.string());
  if (rows.empty()) throw Unavailable("the table " + file.string() + " has no rows");
  return rows;
}

}  // namespace odordiff::synthesis
