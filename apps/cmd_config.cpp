// `odordiff config`: what a server would run with, and a file to begin from.
#include <fmt/format.h>

#include <memory>

#include "answer_json.h"
#include "cli_tree.h"
#include "commands.h"
#include "options.h"
#include "output.h"
#include "serve_flags.h"
#include "serve_options.h"
#include "server/config/describe_config.h"
#include "text_io.h"

namespace odordiff::apps {
namespace {

struct CheckOptions {
  server::Sources sources;
  std::string format = "table";
};

void check(const CheckOptions& options) {
  const auto loaded = server::load_config(options.sources);
  check_serve_config(loaded.config);
  if (options.format == "json") {
    write_stdout(dump_pretty(server::config_json(loaded, options.sources.file)));
    return;
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& setting : server::serve_settings()) {
    const auto given = loaded.origin_of(setting);
    const bool standard = given.origin == server::Origin::Standard;
    rows.push_back({setting.path,
                    standard && !setting.standard.empty()
                        ? setting.standard
                        : server::shown_value(setting, server::value_of(setting, loaded.config)),
                    server::to_string(given.origin), given.where, setting.reloads ? "yes" : ""});
  }
  write_stdout(text_table(
      {{"Setting", false}, {"Value", false}, {"From", false}, {"Where", false}, {"Reloads", false}}, rows,
      stdout_style()));
}

}  // namespace

void add_config(CLI::App& root) {
  auto* app = root.add_subcommand("config");
  describe_command(*app, "odordiff config check --config odordiff.toml",
                   "Explains the configuration of serve, or prints a file to begin from.");
  app->require_subcommand(1);

  auto options = std::make_shared<CheckOptions>();
  auto* check_app = app->add_subcommand("check");
  describe_command(*check_app, "odordiff config check --config odordiff.toml",
                   "Prints what serve would run with and where each value comes from.",
                   "Takes the flags of serve, reads the same file and the same environment, and names all "
                   "that is wrong with them and with the files that they name.");
  add_choice(*check_app, "--format", options->format, {"table", "json"}, "Form of the answer");
  add_serve_flags(*check_app, options->sources);
  check_app->callback([options] { check(*options); });

  auto* example_app = app->add_subcommand("example");
  describe_command(*example_app, "odordiff config example > odordiff.toml",
                   "Prints a configuration file with every setting, documented and commented out.");
  example_app->callback([] { write_stdout(server::example_config()); });
}

}  // namespace odordiff::apps
