// The shipped brief encoder, loaded once, and words for asking what it read.
#pragma once

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "scent/brief_encoder.h"

namespace odordiff::scent {

inline const BriefEncoder& shipped() {
  static const BriefEncoder encoder(ODORDIFF_MODEL_FOLDER);
  return encoder;
}

inline EncodedBrief read_brief(const std::string& brief) {
  return shipped().encode(brief);
}

inline std::size_t index_of(const std::string& name) {
  const auto index = descriptor_index(name);
  if (!index) throw std::invalid_argument("no descriptor " + name);
  return *index;
}

inline float weight_of(const EncodedBrief& brief, const std::string& descriptor) {
  return brief.weights[index_of(descriptor)];
}

inline float chance_of(const EncodedBrief& brief, const std::string& descriptor) {
  return brief.probabilities[index_of(descriptor)];
}

// Names of the `count` most wanted descriptors.
inline std::vector<std::string> strongest(const EncodedBrief& brief, std::size_t count) {
  std::vector<std::pair<float, std::string>> all;
  for (std::size_t d = 0; d < kDescriptors; ++d) {
    if (brief.weights[d] > 0) all.emplace_back(-brief.weights[d], std::string(descriptor_names()[d]));
  }
  std::sort(all.begin(), all.end());
  std::vector<std::string> names;
  for (std::size_t i = 0; i < std::min(count, all.size()); ++i) names.push_back(all[i].second);
  return names;
}

inline std::vector<std::string> split_at(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, separator);) parts.push_back(part);
  return parts;
}

// The columns of a table beside the tests; lines that start with # are comments.
inline std::vector<std::vector<std::string>> read_table(const std::string& name) {
  std::ifstream in(std::filesystem::path(ODORDIFF_TEST_DIR) / name);
  if (!in) throw std::runtime_error("cannot read " + name);
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line.front() != '#') rows.push_back(split_at(line, '\t'));
  }
  return rows;
}

}  // namespace odordiff::scent
