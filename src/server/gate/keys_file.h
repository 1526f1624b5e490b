// Changes to the file of API keys (api_keys.h): what is there of a key is taken out, or given another secret;
// all else in the file stays as it was written.
#pragma once

#include <string>

namespace odordiff::server {

// Both throw InvalidInput where the file is wrong or has no key of that name, naming those that it has;
// Unavailable where it cannot be read or written. The file is replaced whole (base/replacement.h).

void revoke_key(const std::string& file, const std::string& name);

// The new key; the old one is good until the file is read again.
std::string rotate_key(const std::string& file, const std::string& name);

}  // namespace odordiff::server
