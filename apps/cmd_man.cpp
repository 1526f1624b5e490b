// `odordiff man`: the manual page.
#include "cli_tree.h"
#include "commands.h"
#include "text_io.h"

namespace odordiff::apps {

void add_man(CLI::App& root) {
  auto* app = root.add_subcommand("man");
  describe_command(*app, "odordiff man | man -l -", "Prints the manual page, odordiff(1), as roff.");
  app->callback([&root] { write_stdout(man_page(read_tree(root), ODORDIFF_VERSION)); });
}

}  // namespace odordiff::apps
