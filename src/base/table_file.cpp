#include "base/table_file.h"

#include <charconv>
#include <fstream>

#include "base/error.h"

namespace odordiff {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \r") - first + 1);
}

}  // namespace

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

std::vector<std::string> list_of(std::string_view text, std::string_view separator) {
  std::vector<std::string> out;
  if (text.empty()) return out;
  for (const auto& part : split(text, separator)) out.emplace_back(trimmed(part));
  return out;
}

void table_error(const TableRow& row, const std::string& what) {
  throw Unavailable(row.place + ": " + what);
}

double parse_number(const TableRow& row, std::string_view text, double low, double high,
                    const std::string& what) {
  double value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{} || end != text.data() + text.size() || !(value >= low && value <= high)) {
    table_error(row, what + " is " + quote_for_message(std::string(text)) + "; expected a number from " +
                         std::to_string(low) + " to " + std::to_string(high));
  }
  return value;
}

std::vector<TableRow> read_table(const std::filesystem::path& file, std::size_t columns, EmptyFields empty) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw Unavailable("cannot read the table " + file.string());
  std::vector<TableRow> rows;
  std::string text;
  for (std::size_t line = 1; std::getline(in, text); ++line) {
    if (trimmed(text).empty() || text.starts_with('#')) continue;
    TableRow row{{}, file.string() + ":" + std::to_string(line)};
    for (const auto& field : split(text, "\t")) row.fields.emplace_back(trimmed(field));
    if (row.fields.size() != columns) {
      table_error(row, std::to_string(row.fields.size()) + " fields between tabs; expected " +
                           std::to_string(columns));
    }
    for (std::size_t i = 0; empty == EmptyFields::Refused && i < columns; ++i) {
      if (row.fields[i].empty())
        table_error(row, "field " + std::to_string(i + 1) + " is empty; write - for nothing");
    }
    rows.push_back(std::move(row));
  }
  if (in.bad()) throw Unavailable("cannot read the table " + file.string());
  if (rows.empty()) throw Unavailable("the table " + file.string() + " has no rows");
  return rows;
}

}  // namespace odordiff
