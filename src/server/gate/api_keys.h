// API keys: long random texts of which the server knows only the SHA-256, from a file such as
//     [[key]]
//     name = "lab-robot"
//     role = "chemist"
//     sha256 = "…"          # of the whole key; `odordiff keys new` prints both
//     rate_limit = 300      # requests a minute; may be left out
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/gate/identity.h"

namespace odordiff::server {

class TomlFile;

class ApiKeys {
 public:
  ApiKeys() = default;  // none

  // Throws InvalidInput naming every fault with its line, or Unavailable where `file` cannot be read.
  static ApiKeys read(const std::string& file);
  // The same of a text that is to be that file.
  static ApiKeys parse(const std::string& file, const std::string& text);

  // Whose key this is, if anyone's. Takes the same time whether and wherever it is found.
  std::optional<Identity> find(std::string_view key) const;

  // What the file says of each, in its order.
  struct Listed {
    std::string name, sha256;
    Role role = Role::None;
    std::optional<int> requests_per_minute;
    bool operator==(const Listed&) const = default;
  };
  std::vector<Listed> list() const;

  bool empty() const { return keys_.empty(); }
  std::size_t size() const { return keys_.size(); }

 private:
  static ApiKeys read_from(TomlFile& toml);

  struct Key {
    std::string name, sha256;  // lower-case hexadecimal
    Identity identity;
  };
  std::vector<Key> keys_;
};

// Every key begins so, which tells it from other tokens, and lets scanners find one that leaked.
inline constexpr std::string_view kApiKeyPrefix = "odk_";

// 256 random bits behind the prefix.
std::string new_api_key();
// The entry for the file, in TOML. REQUIRES: is_key_name(name).
std::string api_key_entry(const std::string& key, const std::string& name, Role role,
                          std::optional<int> requests_per_minute);
// 1 to 64 letters, digits, "-", "_", ".".
bool is_key_name(std::string_view name);

}  // namespace odordiff::server
