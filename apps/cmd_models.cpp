// `odordiff models`: which models are installed, and whether their files are whole.
#include <fmt/format.h>

#include <memory>

#include "answer_json.h"
#include "base/error.h"
#include "cli_tree.h"
#include "commands.h"
#include "model/folder.h"
#include "model_option.h"
#include "options.h"
#include "output.h"
#include "text_io.h"

namespace odordiff::apps {
namespace fs = std::filesystem;
namespace {

struct ModelsOptions {
  std::string model;
  std::string format = "table";
};

const char* state_name(model::FileState state) {
  switch (state) {
    case model::FileState::Good:
      return "ok";
    case model::FileState::Missing:
      return "missing";
    case model::FileState::Damaged:
      return "damaged";
  }
  return "unknown";
}

void list(const ModelsOptions& options) {
  std::vector<std::vector<std::string>> rows;
  Json models = Json::array();
  for (const auto& folder : model::installed_folders(options.model, installed_models())) {
    const model::Config config = model::read_config(folder);
    std::uint64_t bytes = 0;
    for (const auto& [name, file] : config.files) bytes += file.bytes;
    rows.push_back({rows.empty() ? "*" : "", config.name, config.version,
                    fmt::format("{:.1f}", static_cast<double>(bytes) / 1e6), folder.string()});
    models.push_back({{"name", config.name},
                      {"version", config.version},
                      {"folder", folder.string()},
                      {"bytes", bytes},
                      {"used", models.empty()}});
  }
  write_stdout(
      options.format == "json"
          ? dump_pretty({{"models", models}})
          : text_table({{"", false}, {"Name", false}, {"Version", false}, {"MB", true}, {"Folder", false}},
                       rows, stdout_style()));
}

void verify(const ModelsOptions& options) {
  const model::Config config = model::read_config(find_model(options.model));
  std::vector<std::vector<std::string>> rows;
  Json files = Json::array();
  std::vector<std::string> bad;
  for (const auto& file : model::check_files(config)) {
    if (file.state != model::FileState::Good)
      bad.push_back(fmt::format("{} ({})", file.name, state_name(file.state)));
    rows.push_back({file.name, std::to_string(file.expected_bytes), state_name(file.state)});
    files.push_back({{"name", file.name}, {"bytes", file.expected_bytes}, {"state", state_name(file.state)}});
  }
  const Json json = {{"name", config.name},
                     {"version", config.version},
                     {"folder", config.folder.string()},
                     {"good", bad.empty()},
                     {"files", files}};
  write_stdout(options.format == "json"
                   ? dump_pretty(json)
                   : text_table({{"File", false}, {"Bytes", true}, {"State", false}}, rows, stdout_style()));
  if (!bad.empty()) {
    throw Unavailable(fmt::format("the model in {} is not whole: {}; install it again",
                                  quote_for_message(config.folder.string(), 300), fmt::join(bad, ", ")));
  }
}

void add_common(CLI::App& app, ModelsOptions& options) {
  add_choice(app, "--format", options.format, {"table", "json"}, "Form of the answer");
  add_model_option(app, options.model);
}

}  // namespace

void add_models(CLI::App& root) {
  auto options = std::make_shared<ModelsOptions>();
  auto* app = root.add_subcommand("models");
  describe_command(*app, "odordiff models verify",
                   "Lists the installed models, or verifies their checksums.");
  app->require_subcommand(1);

  auto* list_app = app->add_subcommand("list");
  describe_command(*list_app, "odordiff models list", "Lists the installed models; * marks the one in use.");
  add_common(*list_app, *options);
  list_app->callback([options] { list(*options); });

  auto* verify_app = app->add_subcommand("verify");
  describe_command(*verify_app, "odordiff models verify",
                   "Compares every file of the model with its SHA-256.");
  add_common(*verify_app, *options);
  verify_app->callback([options] { verify(*options); });
}

}  // namespace odordiff::apps
