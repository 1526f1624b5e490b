// The tables that specialists edit (data/): one record a line, fields between tabs, "#" comments, errors that
// name file and line.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace odordiff {

struct TableRow {
  std::vector<std::string> fields;  // trimmed, as many as the table has columns
  std::string place;                // "data/safety/ifra.tsv:12", to begin an error message with
};

enum class EmptyFields { Allowed, Refused };  // Refused: "-" is written for nothing

// Throws Unavailable when the file cannot be read, a row has another number of fields than `columns` or one
// that may not be empty, or there is no row at all.
std::vector<TableRow> read_table(const std::filesystem::path& file, std::size_t columns,
                                 EmptyFields empty = EmptyFields::Allowed);

// Throws Unavailable: "FILE:LINE: what".
[[noreturn]] void table_error(const TableRow& row, const std::string& what);

// A number of [low, high], whole and alone; throws table_error naming `what` otherwise.
double parse_number(const TableRow& row, std::string_view text, double low, double high,
                    const std::string& what);

// The words of `text` between single spaces; none for "-".
std::vector<std::string> words_of(std::string_view text);

// The parts of `text` between `separator`s, trimmed; none for an empty text.
std::vector<std::string> list_of(std::string_view text, std::string_view separator);

// The parts of `text` between `separator`s, as they are; one for an empty text.
std::vector<std::string> split(std::string_view text, std::string_view separator);

}  // namespace odordiff
