// Any bytes as a file of API keys: it is refused with its faults, or what it says of each key can be written
// again and read back, and taking a key out or giving it another secret changes that key alone. The first
// byte chooses the key.
#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "../server/gate_world.h"
#include "base/error.h"
#include "base/sha256.h"
#include "require.h"
#include "server/gate/api_keys.h"
#include "server/gate/keys_file.h"

namespace {

using namespace odordiff::server;
using odordiff::InvalidInput;
using odordiff::fuzz::require;
using Listed = std::vector<ApiKeys::Listed>;

Listed parsed(const std::string& text) {
  return ApiKeys::parse("keys.toml", text).list();
}

void check(const Listed& keys) {
  for (const auto& key : keys) {
    require(is_key_name(key.name), "keys have names");
    require(key.sha256.size() == 64, "keys have a digest");
    require(key.role != Role::None, "keys have a role");
    require(key.weight >= 1, "keys weigh something");
    for (const auto& limit : OwnQuota::members()) {
      require((key.quota.*limit.value).value_or(0) >= 0, "limits are none or more");
    }
  }
}

// As an administrator would write it who has only the list.
std::string written(const Listed& keys) {
  std::string out;
  for (const auto& key : keys) {
    std::string entry = api_key_entry("odk_any", key);
    const std::string any = odordiff::sha256_hex("odk_any");
    entry.replace(entry.find(any), any.size(), key.sha256);
    out += entry + "\n";
  }
  return out;
}

// Whether `change` was made to the file; where it was refused, the file is as it was.
bool changes(const Folder& folder, const std::string& text, const std::function<void()>& change) {
  try {
    change();
    return true;
  } catch (const InvalidInput&) {
    require(folder.read("keys.toml") == text, "a refused change leaves the file as it was");
    return false;
  }
}

void rotate(const Folder& folder, const std::string& text, Listed keys, std::size_t which) {
  const std::string file = folder.write("keys.toml", text);
  std::string fresh;
  if (!changes(folder, text, [&] { fresh = rotate_key(file, keys[which].name); })) return;
  keys[which].sha256 = odordiff::sha256_hex(fresh);
  const ApiKeys read = ApiKeys::read(file);
  require(read.list() == keys, "a key that is rotated has another digest, and all else stays");
  const auto found = read.find(fresh);
  require(found && found->subject == fmt::format("key:{}", keys[which].name), "the new key is the key's");
}

void revoke(const Folder& folder, const std::string& text, Listed keys, std::size_t which) {
  const std::string file = folder.write("keys.toml", text);
  if (!changes(folder, text, [&] { revoke_key(file, keys[which].name); })) return;
  keys.erase(keys.begin() + static_cast<std::ptrdiff_t>(which));
  require(!keys.empty() && ApiKeys::read(file).list() == keys, "a key that is revoked is gone, and no other");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static const Folder folder;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  Listed keys;
  try {
    keys = parsed(text);
  } catch (const InvalidInput&) {
    return 0;
  }
  check(keys);
  require(parsed(written(keys)) == keys, "what is written again reads the same");
  if (keys.empty()) return 0;
  const std::size_t which = data[0] % keys.size();
  rotate(folder, text, keys, which);
  revoke(folder, text, keys, which);
  return 0;
}
