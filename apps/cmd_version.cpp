// `odordiff version`: what to write into a bug report.
#include <fmt/format.h>

#include <memory>

#include "answer_json.h"
#include "cli_tree.h"
#include "commands.h"
#include "nn/kernels.h"
#include "options.h"
#include "text_io.h"

namespace odordiff::apps {

void add_version(CLI::App& root) {
  auto format = std::make_shared<std::string>("table");
  auto* app = root.add_subcommand("version");
  describe_command(*app, "odordiff version", "Prints the version, the compiler and what the CPU offers.");
  add_choice(*app, "--format", *format, {"table", "json"}, "Form of the answer");
  app->callback([format] {
    const std::string cpu = nn::cpu_description();
    const Json json = {{"version", ODORDIFF_VERSION}, {"compiler", __VERSION__}, {"cpu", cpu}};
    write_stdout(*format == "json" ? dump_pretty(json)
                                   : fmt::format("odordiff {}\ncompiler {}\ncpu      {}\n", ODORDIFF_VERSION,
                                                 __VERSION__, cpu));
  });
}

}  // namespace odordiff::apps
