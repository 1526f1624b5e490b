// The data tables of what experts said and measured, as files; for the programs that learn from them and for
// evaluation.
#pragma once

#include <filesystem>
#include <string>
#include <unordered_map>
#include <vector>

namespace odordiff::scent {

// Rows of a comma-separated file without its first line; RFC 4180 quoting.
std::vector<std::vector<std::string>> read_csv(const std::filesystem::path& file, std::size_t columns);

struct OdorText {
  std::string smiles, source, text;
  bool validation = false;
};

// `file` has the columns smiles, source, text.
std::vector<OdorText> read_odor_texts(const std::filesystem::path& file);

// Descriptor indices by SMILES. `file` has the columns smiles, descriptors (separated by ';').
std::unordered_map<std::string, std::vector<std::size_t>> read_odor_labels(const std::filesystem::path& file);

}  // namespace odordiff::scent
