// The command line as plain data, read off the CLI11 tree at run time, so that help, completions and the man
// page say what the program really takes.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace odordiff::apps {

struct OptionInfo {
  std::vector<std::string> names;    // "-n", "--count"; one bare name for a positional
  std::string value;                 // "FILE", "LOW:HIGH", "table|json"; empty for a flag
  std::vector<std::string> choices;  // the accepted values, where they are a fixed list
  std::string description;
  std::string default_value;
  bool positional = false;
  bool repeated = false;
};

struct CommandInfo {
  std::string name;
  std::string example;  // a command that works as it stands
  std::string summary;  // one line
  std::string details;  // may be empty
  std::vector<OptionInfo> options;
  std::vector<CommandInfo> commands;
};

// Gives `app` its texts, in the form that read_tree() takes apart.
void describe_command(CLI::App& app, std::string_view example, std::string_view summary,
                      std::string_view details = {});

CommandInfo read_tree(const CLI::App& app);

// (exit code, meaning) and (variable, meaning), for the help footer and the man page.
const std::vector<std::pair<int, std::string_view>>& exit_code_table();
const std::vector<std::pair<std::string_view, std::string_view>>& environment_table();

// What `--help` prints: example, summary, usage, options, exit codes, environment. `path` is "odordiff
// generate".
std::string help_text(const CommandInfo& command, const std::string& path);

// The roff source of odordiff(1).
std::string man_page(const CommandInfo& root, std::string_view version);

std::string bash_completion(const CommandInfo& root);
std::string zsh_completion(const CommandInfo& root);
std::string fish_completion(const CommandInfo& root);

}  // namespace odordiff::apps
