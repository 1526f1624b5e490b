// odordiff(1), written from the command tree.
#include <fmt/format.h>

#include "cli_tree.h"

namespace odordiff::apps {
namespace {

// Text as roff: no escape, no request at the start of a line, and hyphens that can be copied.
std::string roff(std::string_view text) {
  std::string out;
  bool line_start = true;
  for (const char c : text) {
    if (line_start && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else if (c == '|') {
      out += "|\\:";  // a long list of choices may break here
    } else {
      out += c;
    }
    line_start = c == '\n';
  }
  return out;
}

std::string options_section(const CommandInfo& command) {
  std::string out;
  for (const auto& option : command.options) {
    std::string label;
    for (const auto& name : option.names) {
      label += fmt::format("{}{}{}\\fR", label.empty() ? "" : ", ", option.positional ? "\\fI" : "\\fB",
                           roff(name));
    }
    if (!option.positional && !option.value.empty()) label += fmt::format(" \\fI{}\\fR", roff(option.value));
    if (option.positional && option.repeated) label += " ...";
    std::string text = roff(option.description);
    if (!option.default_value.empty()) text += fmt::format(". Default: {}", roff(option.default_value));
    out += fmt::format(".TP\n{}\n{}.\n", label, text);
  }
  return out;
}

void command_sections(const CommandInfo& command, const std::string& path, std::string& out) {
  out += fmt::format(".SS {}\n{}\n", roff(path), roff(command.summary));
  if (!command.details.empty()) out += fmt::format(".PP\n{}\n", roff(command.details));
  out += fmt::format(".PP\n.nf\n    {}\n.fi\n", roff(command.example));
  out += options_section(command);
  for (const auto& sub : command.commands) command_sections(sub, path + " " + sub.name, out);
}

}  // namespace

std::string man_page(const CommandInfo& root, std::string_view version) {
  std::string out = fmt::format(".TH ODORDIFF 1 \"\" \"odordiff {}\" \"User Commands\"\n", version);
  out += fmt::format(".SH NAME\nodordiff \\- {}\n", roff(root.summary));
  out += ".SH SYNOPSIS\n.B odordiff\n.I command\n[\\fIoptions\\fR]\n";
  out += fmt::format(".SH DESCRIPTION\n{}\n.PP\n.nf\n    {}\n.fi\n", roff(root.details), roff(root.example));
  out += ".SH OPTIONS\n" + options_section(root);
  out += ".SH COMMANDS\n";
  for (const auto& command : root.commands) command_sections(command, "odordiff " + command.name, out);
  out += ".SH EXIT STATUS\n";
  for (const auto& [code, meaning] : exit_code_table()) {
    out += fmt::format(".TP\n.B {}\n{}\n", code, roff(meaning));
  }
  out += ".SH ENVIRONMENT\n";
  for (const auto& [name, meaning] : environment_table()) {
    out += fmt::format(".TP\n.B {}\n{}\n", roff(name), roff(meaning));
  }
  return out;
}

}  // namespace odordiff::apps
