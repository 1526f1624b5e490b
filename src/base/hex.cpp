#include "base/hex.h"

#include <array>
#include <cstddef>

namespace odordiff {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

}  // namespace

std::string hex_of(std::string_view bytes) {
  std::string out(2 * bytes.size(), '\0');
  char* digit = out.data();
  for (const char byte : bytes) {
    *digit++ = kDigits[static_cast<unsigned char>(byte) >> 4U];
    *digit++ = kDigits[static_cast<unsigned char>(byte) & 15U];
  }
  return out;
}

void append_hex(std::string& text, std::uint64_t number) {
  std::array<char, 16> digits{};
  for (std::size_t i = digits.size(); i-- > 0; number >>= 4U) digits[i] = kDigits[number & 15U];
  text.append(digits.data(), digits.size());
}

}  // namespace odordiff
