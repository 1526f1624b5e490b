// Bytes and numbers in lower-case hexadecimal digits.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace odordiff {

// Two digits a byte.
std::string hex_of(std::string_view bytes);

// Appends 16 digits, the highest first.
void append_hex(std::string& text, std::uint64_t number);

}  // namespace odordiff
