#include "scent/odor_tables.h"

#include <fstream>
#include <iterator>
#include <sstream>

#include "base/error.h"
#include "base/split.h"
#include "scent/descriptors.h"

namespace odordiff::scent {

std::vector<std::vector<std::string>> read_csv(const std::filesystem::path& file, std::size_t columns) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw Unavailable("cannot read " + file.string());
  const std::string all{std::istreambuf_iterator<char>(in), {}};
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> row;
  std::string field;
  bool quoted = false;
  const auto end_row = [&] {
    row.push_back(std::move(field));
    field.clear();
    if (row.size() != columns) {
      throw Unavailable(file.string() + ": row " + std::to_string(rows.size() + 1) + " has " +
                        std::to_string(row.size()) + " columns, expected " + std::to_string(columns));
    }
    rows.push_back(std::move(row));
    row.clear();
  };
  for (std::size_t i = 0; i < all.size(); ++i) {
    const char c = all[i];
    if (quoted && c == '"' && i + 1 < all.size() && all[i + 1] == '"') {
      field += '"';
      ++i;
    } else if (c == '"' && (quoted || field.empty())) {
      quoted = !quoted;
    } else if (quoted || (c != ',' && c != '\n' && c != '\r')) {
      field += c;
    } else if (c == ',') {
      row.push_back(std::move(field));
      field.clear();
    } else if (c == '\n') {
      end_row();
    }
  }
  if (!field.empty() || !row.empty()) end_row();
  if (rows.empty()) throw Unavailable(file.string() + " is empty");
  rows.erase(rows.begin());
  return rows;
}

std::vector<OdorText> read_odor_texts(const std::filesystem::path& file) {
  std::vector<OdorText> texts;
  for (auto& row : read_csv(file, 3)) {
    const bool validation = is_validation(row[0]);
    texts.push_back({std::move(row[0]), std::move(row[1]), std::move(row[2]), validation});
  }
  return texts;
}

std::unordered_map<std::string, std::vector<std::size_t>> read_odor_labels(
    const std::filesystem::path& file) {
  std::unordered_map<std::string, std::vector<std::size_t>> labels;
  for (const auto& row : read_csv(file, 2)) {
    std::istringstream names(row[1]);
    for (std::string name; std::getline(names, name, ';');) {
      const auto index = descriptor_index(name);
      if (!index) throw Unavailable(file.string() + ": unknown descriptor \"" + name + "\"");
      labels[row[0]].push_back(*index);
    }
  }
  return labels;
}

}  // namespace odordiff::scent
