#include "cli_tree.h"

#include <fmt/format.h>

#include <algorithm>

#include "exit_code.h"

namespace odordiff::apps {
namespace {

constexpr std::size_t kColumn = 28;  // where descriptions start
constexpr std::size_t kLine = 100;

// Splits "a\nb\nrest" into its first line and the rest.
std::string take_line(std::string& text) {
  const std::size_t end = text.find('\n');
  std::string line = text.substr(0, end);
  text.erase(0, end == std::string::npos ? end : end + 1);
  return line;
}

OptionInfo read_option(const CLI::Option& option) {
  OptionInfo info;
  info.positional = option.get_positional();
  if (info.positional) {
    info.names = {option.get_name(true)};
  } else {
    for (const auto& name : option.get_snames()) info.names.push_back("-" + name);
    for (const auto& name : option.get_lnames()) info.names.push_back("--" + name);
  }
  const bool takes_value = option.get_type_size() != 0;
  if (takes_value) {
    info.value = option.get_type_name();
    info.default_value = option.get_default_str();
  }
  if (info.value.find('|') != std::string::npos) info.choices = CLI::detail::split(info.value, '|');
  info.description = option.get_description();
  info.repeated = takes_value && option.get_expected_max() > 1;
  return info;
}

// `text` wrapped at spaces, every line after the first indented.
std::string wrap(const std::string& text, std::size_t indent) {
  std::string out;
  std::size_t column = indent;
  for (const auto& word : CLI::detail::split(text, ' ')) {
    if (column > indent && column + 1 + word.size() > kLine) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  return out;
}

std::string row(const std::string& left, const std::string& right) {
  std::string out = "  " + left;
  out +=
      out.size() + 2 <= kColumn ? std::string(kColumn - out.size(), ' ') : "\n" + std::string(kColumn, ' ');
  return out + wrap(right, kColumn) + "\n";
}

std::string option_label(const OptionInfo& option) {
  std::string label = fmt::format("{}", fmt::join(option.names, ", "));
  if (option.positional) return label + (option.repeated ? "..." : "");
  // A long list of choices stands in the description instead.
  if (!option.choices.empty()) return label + " NAME";
  return option.value.empty() ? label : label + " " + option.value;
}

std::string option_text(const OptionInfo& option) {
  std::string text = option.description;
  if (!option.choices.empty()) text += fmt::format(": {}", fmt::join(option.choices, ", "));
  if (!option.default_value.empty()) text += fmt::format(" [{}]", option.default_value);
  return text;
}

}  // namespace

void describe_command(CLI::App& app, std::string_view example, std::string_view summary,
                      std::string_view details) {
  app.description(fmt::format("{}\n{}\n{}", example, summary, details));
}

CommandInfo read_tree(const CLI::App& app) {
  CommandInfo info;
  info.name = app.get_name();
  std::string text = app.get_description();
  info.example = take_line(text);
  info.summary = take_line(text);
  info.details = text;
  for (const CLI::Option* option : app.get_options({})) info.options.push_back(read_option(*option));
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    info.commands.push_back(read_tree(*sub));
  }
  return info;
}

const std::vector<std::pair<int, std::string_view>>& exit_code_table() {
  static const std::vector<std::pair<int, std::string_view>> table = {
      {static_cast<int>(ExitCode::Ok), "done"},
      {static_cast<int>(ExitCode::InternalError), "internal error; please report it"},
      {static_cast<int>(ExitCode::BadInput), "bad input or usage; in a batch: some briefs failed"},
      {static_cast<int>(ExitCode::Unavailable), "unavailable: model missing or damaged, output not writable"},
      {static_cast<int>(ExitCode::FewerThanAsked),
       "fewer molecules than asked for; what was found is printed"},
      {static_cast<int>(ExitCode::Interrupted), "interrupted (Ctrl-C)"},
      {static_cast<int>(ExitCode::ClosedPipe),
       "the reader of the output closed the pipe; nothing is said about it"},
      {static_cast<int>(ExitCode::Terminated), "terminated (SIGTERM)"},
  };
  return table;
}

const std::vector<std::pair<std::string_view, std::string_view>>& environment_table() {
  static const std::vector<std::pair<std::string_view, std::string_view>> table = {
      {"ODORDIFF_MODEL", "the model folder, where --model is not given"},
      {"ODORDIFF_CONFIG", "the configuration file of serve, where --config is not given"},
      {"NO_COLOR", "when set and not empty: no colours"},
      {"LC_ALL, LC_CTYPE, LANG", "tables use UTF-8 where these name it, else ASCII"},
  };
  return table;
}

std::string help_text(const CommandInfo& command, const std::string& path) {
  std::string out = fmt::format("{}\n\n{}\n", command.example, command.summary);
  if (!command.details.empty()) out += fmt::format("{}\n", wrap(command.details, 0));

  out += fmt::format("\nUsage: {} [OPTIONS]", path);
  for (const auto& option : command.options) {
    if (option.positional) out += fmt::format(" [{}]", option_label(option));
  }
  out += command.commands.empty() ? "\n" : " COMMAND\n";

  if (!command.commands.empty()) out += "\nCommands:\n";
  for (const auto& sub : command.commands) out += row(sub.name, sub.summary);
  const auto positional = [](const OptionInfo& option) { return option.positional; };
  if (std::any_of(command.options.begin(), command.options.end(), positional)) out += "\nArguments:\n";
  for (const auto& option : command.options) {
    if (option.positional) out += row(option_label(option), option_text(option));
  }
  out += "\nOptions:\n";
  for (const auto& option : command.options) {
    if (!option.positional) out += row(option_label(option), option_text(option));
  }
  out += "\nExit codes:\n";
  for (const auto& [code, meaning] : exit_code_table())
    out += row(std::to_string(code), std::string(meaning));
  out += "\nEnvironment:\n";
  for (const auto& [name, meaning] : environment_table()) out += row(std::string(name), std::string(meaning));
  return out;
}

}  // namespace odordiff::apps
