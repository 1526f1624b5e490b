// API keys: long random texts of which the server knows only the SHA-256, from a file such as
//     [[key]]
//     name = "lab-robot"
//     role = "chemist"
//     sha256 = "…"          # of the whole key; `odordiff keys new` prints both
// which may also have limits of its own (quota.h), and its weight among those whose jobs are worked on:
//     rate_limit = 300      # requests a minute
//     sample_limit = 50000  # molecules drawn an hour
//     job_limit = 10        # unfinished jobs
//     stream_limit = 4      # streams and WebSockets at a time
//     weight = 2            # 1 to 100, of which 1 is usual
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
    OwnQuota quota = {};
    int weight = 1;
    bool operator==(const Listed&) const = default;
  };
  std::vector<Listed> list() const;
  // Of the owner of jobs; 1 for whoever has no key here.
  int weight_of(std::string_view subject) const;

  bool empty() const { return keys_.empty(); }
  std::size_t size() const { return keys_.size(); }

 private:
  static ApiKeys read_from(TomlFile& toml);

  struct Key {
    std::string name, sha256;  // lower-case hexadecimal
    Identity identity;
    int weight = 1;
  };
  std::vector<Key> keys_;
};

// Every key begins so, which tells it from other tokens, and lets scanners find one that leaked.
inline constexpr std::string_view kApiKeyPrefix = "odk_";

// 256 random bits behind the prefix.
std::string new_api_key();
// The key's entry for the file, in TOML; what is usual is left out. REQUIRES: is_key_name(of.name).
std::string api_key_entry(const std::string& key, const ApiKeys::Listed& of);
// 1 to 64 letters, digits, "-", "_", ".".
bool is_key_name(std::string_view name);

}  // namespace odordiff::server
