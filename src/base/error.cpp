#include "base/error.h"

#include <array>
#include <cstdio>

namespace odordiff {

std::string quote_for_message(const std::string& text, std::size_t max_bytes) {
  std::string out = "\"";
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (out.size() > max_bytes) {
      out += "…";
      break;
    }
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 || c == 0x7f || c >= 0x80) {
      std::array<char, 8> hex{};
      std::snprintf(hex.data(), hex.size(), "\\x%02x", c);
      out += hex.data();
    } else {
      out += text[i];
    }
  }
  return out + "\"";
}

}  // namespace odordiff
