#include "terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "base/numbers.h"

namespace odordiff::apps {
namespace {

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view{} : std::string_view{value};
}

bool locale_is_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    std::string value(environment(name));
    if (value.empty()) continue;
    std::transform(value.begin(), value.end(), value.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return value.find("utf-8") != std::string::npos || value.find("utf8") != std::string::npos;
  }
  return false;
}

std::size_t stdout_width() {
  constexpr std::size_t kLeast = 20;
  const auto given = number_in<std::size_t>(environment("COLUMNS"));
  if (given) return *given == 0 ? 0 : std::max(*given, kLeast);
  struct winsize size = {};
  const bool known = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? std::max<std::size_t>(size.ws_col, kLeast) : 0;
}

std::string wrapped(std::string_view code, std::string_view text, const TextStyle& style) {
  if (!style.color) return std::string(text);
  return std::string("\x1b[").append(code).append("m").append(text).append("\x1b[0m");
}

}  // namespace

TextStyle stdout_style() {
  TextStyle style;
  style.color =
      ::isatty(STDOUT_FILENO) == 1 && environment("NO_COLOR").empty() && environment("TERM") != "dumb";
  style.utf8 = locale_is_utf8();
  style.width = stdout_width();
  return style;
}

bool stderr_is_terminal() {
  return ::isatty(STDERR_FILENO) == 1;
}

int stderr_width() {
  struct winsize size = {};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

std::size_t display_width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

std::string pad_right(std::string_view text, std::size_t width) {
  const std::size_t used = display_width(text);
  return std::string(text).append(used < width ? width - used : 0, ' ');
}

std::string pad_left(std::string_view text, std::size_t width) {
  const std::size_t used = display_width(text);
  return std::string(used < width ? width - used : 0, ' ').append(text);
}

std::string printable(std::string_view text) {
  std::string out(text);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto c = static_cast<unsigned char>(out[i]);
    if (c < 0x20 || c == 0x7f) out[i] = ' ';
    // U+0080 to U+009F, the second set of control characters.
    const bool lead = c == 0xc2 && i + 1 < out.size();
    if (lead && static_cast<unsigned char>(out[i + 1]) >= 0x80 &&
        static_cast<unsigned char>(out[i + 1]) < 0xa0) {
      out.replace(i, 2, " ");
    }
    // What turns the direction of writing round: U+202A to U+202E, U+2066 to U+2069.
    if (const std::string_view three = std::string_view(out).substr(i, 3);
        (three >= "\u202A" && three <= "\u202E") || (three >= "\u2066" && three <= "\u2069")) {
      out.replace(i, 3, " ");
    }
  }
  return out;
}

std::string bold(std::string_view text, const TextStyle& style) {
  return wrapped("1", text, style);
}
std::string faint(std::string_view text, const TextStyle& style) {
  return wrapped("2", text, style);
}

}  // namespace odordiff::apps
