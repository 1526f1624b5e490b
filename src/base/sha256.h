// SHA-256: checksums by which a damaged file is told from a good one, and keyed, signatures (RFC 2104).
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace odordiff {

// SHA-256 of `data`, 64 lower-case hexadecimal digits.
std::string sha256_hex(std::span<const std::byte> data);
inline std::string sha256_hex(std::string_view text) {
  return sha256_hex(std::as_bytes(std::span(text)));
}

// HMAC-SHA-256 of `text`, 32 bytes.
std::string hmac_sha256(std::string_view key, std::string_view text);

}  // namespace odordiff
