#include "server/config/toml_file.h"

#include <fmt/format.h>

#include <fstream>

#include "server/config/config_error.h"

namespace odordiff::server {
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 20U;

}  // namespace

std::string TomlFile::text_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text(kMostBytes + 1, '\0');
  if (in) in.read(text.data(), static_cast<std::streamsize>(text.size()));
  // A folder opens, but does not read.
  if (!in.eof() && !in) throw Unavailable(fmt::format("cannot read {}", quote_for_message(path, 300)));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > kMostBytes) {
    throw InvalidInput(fmt::format("{} is larger than 1 MB", quote_for_message(path, 300)));
  }
  return text;
}

TomlFile::TomlFile(std::string path) : TomlFile(path, text_of(path)) {}

TomlFile::TomlFile(std::string path, const std::string& text) : path_(std::move(path)) {
  try {
    root_ = toml::parse(text, path_);
  } catch (const toml::parse_error& error) {
    complain_at(error.source().begin.line, std::string(error.description()));
  }
}

std::string TomlFile::place(const toml::node& node) const {
  return fmt::format("{}:{}", path_, node.source().begin.line);
}

void TomlFile::complain(const toml::node& node, const std::string& fault) {
  complain_at(node.source().begin.line, fault);
}

void TomlFile::complain_at(toml::source_index line, const std::string& fault) {
  faults_.emplace(line, fmt::format("{}:{}: {}", path_, line, fault));
}

std::vector<std::string> TomlFile::faults() const {
  std::vector<std::string> out;
  for (const auto& [line, fault] : faults_) out.push_back(fault);
  return out;
}

void TomlFile::throw_faults() const {
  if (!faults_.empty()) throw ConfigError(faults());
}

}  // namespace odordiff::server
