// The tables that specialists edit: one record a line, columns separated by tabs, # comments, errors that
// name file and line.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace odordiff::safety {

struct TableRow {
  std::vector<std::string> cells;  // trimmed, as many as the table has columns
  std::string place;               // "ifra.tsv:12", to start an error message with
};

// Throws Unavailable when the file cannot be read, InvalidInput "FILE:LINE: …" for a row with another number
// of columns.
std::vector<TableRow> read_table(const std::filesystem::path& file, std::size_t columns);

// `text` cut at each `separator`, parts trimmed; empty text gives no part.
std::vector<std::string> split(const std::string& text, char separator);

}  // namespace odordiff::safety
