// Completion scripts for bash, zsh and fish, written from the command tree.
#include <fmt/format.h>

#include "cli_tree.h"

namespace odordiff::apps {
namespace {

bool takes_file(const OptionInfo& option) {
  return option.value == "FILE";
}
bool takes_folder(const OptionInfo& option) {
  return option.value == "FOLDER";
}

// Text inside single quotes of a POSIX shell.
std::string shell_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

// Text inside single quotes of fish, where only \ and ' are special.
std::string fish_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string option_words(const CommandInfo& command) {
  std::string out;
  for (const auto& option : command.options) {
    if (option.positional) continue;
    for (const auto& name : option.names) out += (out.empty() ? "" : " ") + name;
  }
  return out;
}

std::string command_words(const CommandInfo& command) {
  std::string out;
  for (const auto& sub : command.commands) out += (out.empty() ? "" : " ") + sub.name;
  for (const auto& option : command.options) {
    if (option.positional && !option.choices.empty())
      out += fmt::format("{}", fmt::join(option.choices, " "));
  }
  return out;
}

// One `case` arm of the bash function for `command`, and those of its subcommands.
void bash_arms(const CommandInfo& command, const std::string& path, std::string& out) {
  out += fmt::format("    {})\n      case \"$previous\" in\n", shell_quoted(path));
  bool positional_file = false;
  for (const auto& option : command.options) {
    if (option.positional) positional_file = positional_file || takes_file(option) || takes_folder(option);
    if (option.positional || option.value.empty()) continue;
    out += fmt::format("        {})", fmt::join(option.names, "|"));
    if (!option.choices.empty()) {
      out += fmt::format(" COMPREPLY=($(compgen -W \"{}\" -- \"$word\"));", fmt::join(option.choices, " "));
    } else if (takes_file(option) || takes_folder(option)) {
      out += fmt::format(" COMPREPLY=($(compgen -{} -- \"$word\"));", takes_folder(option) ? 'd' : 'f');
    }
    out += " return ;;\n";
  }
  out += "      esac\n";
  const std::string words = command_words(command);
  out += fmt::format("      if [[ $word == -* ]]; then COMPREPLY=($(compgen -W \"{}\" -- \"$word\"));\n",
                     option_words(command));
  if (positional_file) {
    out += "      else COMPREPLY=($(compgen -f -- \"$word\"));\n";
  } else if (!words.empty()) {
    out += fmt::format("      else COMPREPLY=($(compgen -W \"{}\" -- \"$word\"));\n", words);
  }
  out += "      fi ;;\n";
  for (const auto& sub : command.commands) bash_arms(sub, path + " " + sub.name, out);
}

// zsh's _arguments reads `[description]`, so brackets and colons in it are escaped.
std::string zsh_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_action(const OptionInfo& option) {
  if (!option.choices.empty()) return fmt::format("({})", fmt::join(option.choices, " "));
  if (takes_file(option)) return "_files";
  if (takes_folder(option)) return "_files -/";
  return " ";
}

void zsh_functions(const CommandInfo& command, const std::string& function, std::string& out) {
  for (const auto& sub : command.commands) zsh_functions(sub, function + "_" + sub.name, out);
  out += fmt::format("{}() {{\n", function);
  if (!command.commands.empty()) {
    out += "  local context state state_descr line\n  typeset -A opt_args\n  local -a commands=(\n";
    for (const auto& sub : command.commands) {
      out += fmt::format("    {}\n", shell_quoted(fmt::format("{}:{}", sub.name, zsh_text(sub.summary))));
    }
    out += "  )\n";
  }
  out += fmt::format("  _arguments -s {}", command.commands.empty() ? "" : "-C ");
  for (const auto& option : command.options) {
    if (option.positional) {
      out += fmt::format("\\\n    {}", shell_quoted(fmt::format("{}:{}:{}", option.repeated ? "*" : "",
                                                                option.names.front(), zsh_action(option))));
      continue;
    }
    for (const auto& name : option.names) {
      std::string spec = fmt::format("{}[{}]", name, zsh_text(option.description));
      if (!option.value.empty()) spec += fmt::format(":{}:{}", zsh_text(option.value), zsh_action(option));
      out += fmt::format("\\\n    {}", shell_quoted(spec));
    }
  }
  if (command.commands.empty()) {
    out += "\n}\n\n";
    return;
  }
  out += "\\\n    '1:command:->command' '*::argument:->argument'\n";
  out +=
      "  case $state in\n    command) _describe command commands ;;\n    argument)\n      case $line[1] in\n";
  for (const auto& sub : command.commands) {
    out += fmt::format("        {}) {}_{} ;;\n", sub.name, function, sub.name);
  }
  out += "      esac ;;\n  esac\n}\n\n";
}

// `path` is what has been typed after "odordiff", e.g. {"models", "verify"}.
void fish_lines(const CommandInfo& command, const std::vector<std::string>& path, std::string& out) {
  std::string condition;
  for (const auto& word : path) {
    condition += fmt::format("{}__fish_seen_subcommand_from {}", condition.empty() ? "" : "; and ", word);
  }
  std::string names;
  for (const auto& sub : command.commands) names += " " + sub.name;
  std::string before_sub = condition;
  if (!names.empty()) {
    before_sub +=
        fmt::format("{}not __fish_seen_subcommand_from{}", condition.empty() ? "" : "; and ", names);
  }
  const auto line = [&](const std::string& rest) {
    out += "complete -c odordiff";
    if (!before_sub.empty()) out += fmt::format(" -n {}", fish_quoted(before_sub));
    out += rest + "\n";
  };
  for (const auto& sub : command.commands) {
    line(fmt::format(" -f -a {} -d {}", sub.name, fish_quoted(sub.summary)));
  }
  for (const auto& option : command.options) {
    std::string rest;
    if (option.positional) {
      if (option.choices.empty()) {
        if (takes_file(option)) line(" -F");
        continue;
      }
      rest = " -f";
    }
    for (const auto& name : option.names) {
      if (option.positional) continue;
      rest += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
    }
    if (!option.value.empty() && !option.positional) rest += " -r";
    if (!option.choices.empty()) {
      if (!option.positional) rest += " -f";
      rest += fmt::format(" -a {}", fish_quoted(fmt::format("{}", fmt::join(option.choices, " "))));
    } else if (takes_folder(option)) {
      rest += " -f -a '(__fish_complete_directories)'";
    } else if (takes_file(option)) {
      rest += " -F";
    } else if (!option.value.empty()) {
      rest += " -f";
    }
    line(rest + fmt::format(" -d {}", fish_quoted(option.description)));
  }
  for (const auto& sub : command.commands) {
    auto deeper = path;
    deeper.push_back(sub.name);
    fish_lines(sub, deeper, out);
  }
}

// Every "word word" that names a command, for bash to recognise where it stands.
void collect_paths(const CommandInfo& command, const std::string& path, std::vector<std::string>& out) {
  for (const auto& sub : command.commands) {
    out.push_back(path + " " + sub.name);
    collect_paths(sub, out.back(), out);
  }
}

}  // namespace

std::string bash_completion(const CommandInfo& root) {
  std::vector<std::string> paths;
  collect_paths(root, "odordiff", paths);
  std::string known;
  for (const auto& path : paths) known += (known.empty() ? "" : "|") + shell_quoted(path);
  std::string out =
      "# bash completion for odordiff\n"
      "_odordiff() {\n"
      "  local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} path=odordiff i\n"
      "  COMPREPLY=()\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n";
  out += fmt::format(
      "    case \"$path ${{COMP_WORDS[i]}}\" in {}) path=\"$path ${{COMP_WORDS[i]}}\" ;; esac\n", known);
  out += "  done\n  case \"$path\" in\n";
  bash_arms(root, "odordiff", out);
  return out + "  esac\n}\ncomplete -F _odordiff odordiff\n";
}

std::string zsh_completion(const CommandInfo& root) {
  std::string out = "#compdef odordiff\n# zsh completion for odordiff\n\n";
  zsh_functions(root, "_odordiff", out);
  // Autoloaded from $fpath the file is the function's body; sourced, it registers itself.
  return out +
         "if [ \"$funcstack[1]\" = \"_odordiff\" ]; then\n  _odordiff \"$@\"\nelse\n  compdef _odordiff "
         "odordiff\nfi\n";
}

std::string fish_completion(const CommandInfo& root) {
  std::string out = "# fish completion for odordiff\ncomplete -c odordiff -f\n";
  fish_lines(root, {}, out);
  return out;
}

}  // namespace odordiff::apps
