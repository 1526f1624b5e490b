// Checksums of files that are shipped or cached, so that a damaged one is told from a good one.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace odordiff {

// SHA-256 of `data`, 64 lower-case hexadecimal digits.
std::string sha256_hex(std::span<const std::byte> data);

}  // namespace odordiff
