// Changes to the file of API keys (api_keys.h): what is there of a key is taken out, or given another secret;
// all else in the file stays as it was written. One process at a time changes a file.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "server/gate/api_keys.h"

namespace odordiff::server {

// All throw InvalidInput where the file is wrong, has no key of that name (naming those that it has), or is
// written in a way that only a person can change; Unavailable where it cannot be read or written. The file is
// replaced whole (base/replacement.h), and only by one that says exactly what was wanted.

// Not the only key: a server takes no file without one. `allow`, which may be empty, sees the keys that would
// be left, and throws to prevent it.
void revoke_key(const std::string& file, const std::string& name,
                const std::function<void(const std::vector<ApiKeys::Listed>& left)>& allow = {});

// The new key; the old one is good until the file is read again.
std::string rotate_key(const std::string& file, const std::string& name);

}  // namespace odordiff::server
