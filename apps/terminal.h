// What the terminal, if there is one, can show: colours, UTF-8, width.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace odordiff::apps {

struct TextStyle {
  bool color = false;
  bool utf8 = true;
  std::size_t width = 0;  // characters that fit side by side; 0: any number
};

// Colours only on a terminal, and not with NO_COLOR (https://no-color.org) or TERM=dumb. UTF-8 as LC_ALL,
// LC_CTYPE or LANG say. The width is what COLUMNS says, else the terminal's.
TextStyle stdout_style();

bool stderr_is_terminal();
// Columns of the terminal on stderr; 80 when it does not say.
int stderr_width();

// Characters of `text`, which is the columns it takes for the scripts that briefs and molecules are written
// in.
std::size_t display_width(std::string_view text);
// `text` followed or led by spaces up to `width` columns; never cut.
std::string pad_right(std::string_view text, std::size_t width);
std::string pad_left(std::string_view text, std::size_t width);

// `text` with control characters, escape sequences among them, made spaces: words from outside must not steer
// the terminal.
std::string printable(std::string_view text);

std::string bold(std::string_view text, const TextStyle& style);
std::string faint(std::string_view text, const TextStyle& style);

}  // namespace odordiff::apps
