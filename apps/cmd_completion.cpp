// `odordiff completion`: scripts for bash, zsh and fish.
#include <memory>

#include "base/error.h"
#include "cli_tree.h"
#include "commands.h"
#include "options.h"
#include "text_io.h"

namespace odordiff::apps {

void add_completion(CLI::App& root) {
  auto shell = std::make_shared<std::string>();
  auto* app = root.add_subcommand("completion");
  describe_command(*app, "odordiff completion bash > ~/.local/share/bash-completion/completions/odordiff",
                   "Prints a completion script for bash, zsh or fish.");
  auto* option = add_choice(*app, "shell", *shell, {"bash", "zsh", "fish"}, "The shell");
  option->default_str("");
  app->callback([shell, &root] {
    if (shell->empty()) throw InvalidInput("for which shell? odordiff completion bash, zsh or fish");
    const CommandInfo tree = read_tree(root);
    write_stdout(*shell == "bash"  ? bash_completion(tree)
                 : *shell == "zsh" ? zsh_completion(tree)
                                   : fish_completion(tree));
  });
}

}  // namespace odordiff::apps
