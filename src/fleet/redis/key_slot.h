// Which of a cluster's 16,384 slots a command belongs to.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace odordiff::fleet::redis {

constexpr int kSlots = 16384;

// CRC-16/XMODEM of the key, or of what stands in its first {…}, modulo 16,384 (Redis cluster specification).
int key_slot(std::string_view key);

// The keys of a command: of those that we send ourselves exactly, of others the first argument.
std::vector<std::string_view> command_keys(const std::vector<std::string>& command);

// The slot of all keys of these commands; -1: they have none, so any server will do. Throws InvalidInput
// where the keys lie in different slots.
int commands_slot(const std::vector<std::vector<std::string>>& commands);

}  // namespace odordiff::fleet::redis
