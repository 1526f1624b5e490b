// A TOML file that is read strictly: every complaint carries the file's name and the line.
#pragma once

// The library is used as headers, so that nothing more has to be installed to run.
#include <toml++/toml.h>

#include <map>
#include <string>
#include <vector>

namespace odordiff::server {

class TomlFile {
 public:
  // Throws Unavailable where `path` cannot be read, InvalidInput where it is too large. What is no TOML is a
  // fault, and root() is empty then.
  explicit TomlFile(std::string path);
  // What stands in the file. Throws as above.
  static std::string text_of(const std::string& path);
  // The same of a text that is to be the file at `path`.
  TomlFile(std::string path, const std::string& text);

  const toml::table& root() const { return root_; }

  // "odordiff.toml:12"
  std::string place(const toml::node& node) const;
  void complain(const toml::node& node, const std::string& fault);

  // In the order of lines.
  std::vector<std::string> faults() const;
  // Throws ConfigError if there are any.
  void throw_faults() const;

 private:
  void complain_at(toml::source_index line, const std::string& fault);

  const std::string path_;
  toml::table root_;
  std::multimap<toml::source_index, std::string> faults_;
};

}  // namespace odordiff::server
