#include "server/gate/keys_file.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <vector>

#include "base/error.h"
#include "base/replacement.h"
#include "base/sha256.h"
#include "server/gate/api_keys.h"

namespace odordiff::server {
namespace {

std::string keys_text(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (in.bad()) throw Unavailable("cannot read " + quote_for_message(file, 200));
  return text;
}

bool begins_key(std::string_view line) {
  const auto start = line.find_first_not_of(" \t");
  return start != std::string_view::npos && line.substr(start).starts_with("[[");
}

// The text before the keys, then that of each key with its header, in the order of the file.
std::vector<std::string> parts_of(const std::string& text) {
  std::vector<std::string> parts(1);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    const std::string line = text.substr(at, end - at);
    if (begins_key(line)) parts.emplace_back();
    parts.back() += line;
    at = end;
  }
  return parts;
}

struct FoundKey {
  std::vector<std::string> parts;
  std::size_t index = 0;  // of the key's part
  ApiKeys::Listed key;
};

FoundKey find_key(const std::string& file, const std::string& name) {
  const auto keys = ApiKeys::read(file).list();
  FoundKey out{parts_of(keys_text(file)), 0, {}};
  std::vector<std::string> names;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    names.push_back(keys[i].name);
    if (keys[i].name == name) out.index = i + 1, out.key = keys[i];
  }
  if (out.index == 0) {
    throw InvalidInput(fmt::format("no key in {} is called {}; there are {}", quote_for_message(file, 200),
                                   quote_for_message(name),
                                   names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "))));
  }
  // Where the file is written in another way than one table a key, it is left to its owner.
  const bool plain =
      out.parts.size() == keys.size() + 1 && out.parts[out.index].find(out.key.sha256) != std::string::npos;
  if (!plain) {
    throw InvalidInput(
        fmt::format("{} is not written as [[key]] tables; change it by hand", quote_for_message(file, 200)));
  }
  return out;
}

void write_parts(const std::string& file, const std::vector<std::string>& parts) {
  std::string text;
  for (const auto& part : parts) text += part;
  replace_file(file, text, 0600);
}

}  // namespace

void revoke_key(const std::string& file, const std::string& name) {
  FoundKey entry = find_key(file, name);
  entry.parts.erase(entry.parts.begin() + static_cast<std::ptrdiff_t>(entry.index));
  write_parts(file, entry.parts);
}

std::string rotate_key(const std::string& file, const std::string& name) {
  FoundKey entry = find_key(file, name);
  std::string key = new_api_key();
  std::string& part = entry.parts[entry.index];
  part.replace(part.find(entry.key.sha256), entry.key.sha256.size(), sha256_hex(key));
  write_parts(file, entry.parts);
  return key;
}

}  // namespace odordiff::server
