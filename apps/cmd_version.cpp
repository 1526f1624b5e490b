// `odordiff version`: what to write into a bug report.
#include <fmt/format.h>

#include <memory>

#include "answer_json.h"
#include "base/error.h"
#include "cli_tree.h"
#include "commands.h"
#include "model_option.h"
#include "nn/kernels.h"
#include "options.h"
#include "terminal.h"
#include "text_io.h"

namespace odordiff::apps {

void add_version(CLI::App& root) {
  struct Options {
    std::string format = "table", model;
  };
  auto options = std::make_shared<Options>();
  auto* app = root.add_subcommand("version");
  describe_command(*app, "odordiff version",
                   "Prints the versions of program and model, the compiler and what the CPU offers.");
  add_choice(*app, "--format", options->format, {"table", "json"}, "Form of the answer");
  add_model_option(*app, options->model);
  app->callback([options] {
    const std::string cpu = nn::cpu_description();
    Json json = {{"version", ODORDIFF_VERSION},
                 {"answers", model::kAnswerVersion},
                 {"model", nullptr},
                 {"compiler", __VERSION__},
                 {"cpu", cpu}};
    std::string model = "none: ";
    try {
      const auto identity = identity_of(open_model(options->model));
      json["model"] = api::identity_json(identity);
      model = fmt::format("{} {}, {} in {} on {}", printable(identity.name), printable(identity.version),
                          identity.digest, identity.precision, identity.backend);
    } catch (const Unavailable& error) {  // a report of a fault needs the rest all the same
      json["model_error"] = error.what();
      model += error.what();
    }
    write_stdout(options->format == "json"
                     ? dump_pretty(json)
                     : fmt::format("odordiff {}\nmodel    {}\ncompiler {}\ncpu      {}\n", ODORDIFF_VERSION,
                                   model, __VERSION__, cpu));
  });
}

}  // namespace odordiff::apps
