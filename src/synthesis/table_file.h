// Reading the tables of data/synthesis: lines of fields between tabs, "#" comments, and errors that name file
// and line.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace odordiff::synthesis {

struct TableRow {
  std::size_t line = 0;  // from 1
  std::vector<std::string> fields;
};

// Throws Unavailable when the file cannot be read, a row has another number of fields than `columns`, a field
// is empty, or there is no row at all.
std::vector<TableRow> read_table(const std::filesystem::path& file, std::size_t columns);

// Throws Unavailable: "FILE:LINE: what".
[[noreturn]] void table_error(const std::filesystem::path& file, std::size_t line, const std::string& what);

// A number of [low, high], whole and alone; throws table_error naming `what` otherwise.
double parse_number(const std::filesystem::path& file, std::size_t line, std::string_view text, double low,
                    double high, const std::string& what);

// The words of `text` between single spaces; none for "-".
std::vector<std::string> words_of(std::string_view text);

// The parts of `text` between `separator`s.
std::vector<std::string> split(std::string_view text, std::string_view separator);

}  // namespace odordiff::synthesis
