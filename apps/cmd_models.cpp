// `odordiff models`: which models are installed, and whether their files are whole.
#include <fmt/format.h>

#include <cstdlib>
#include <memory>
#include <set>

#include "answer_json.h"
#include "base/error.h"
#include "cli_tree.h"
#include "commands.h"
#include "model_path.h"
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

const char* state_name(ModelFile::State state) {
  switch (state) {
    case ModelFile::State::Good:
      return "ok";
    case ModelFile::State::Missing:
      return "missing";
    case ModelFile::State::Damaged:
      return "damaged";
    case ModelFile::State::Unchecked:
      return "unchecked";
  }
  return "unknown";
}

// Every model in the places that are searched, the one that would be used first.
std::vector<fs::path> installed_models(const std::string& option) {
  std::vector<fs::path> candidates;
  if (!option.empty()) candidates.push_back(option);
  if (const char* variable = std::getenv("ODORDIFF_MODEL"); variable != nullptr && *variable != '\0') {
    candidates.emplace_back(variable);
  }
  for (const auto& place : model_places()) {
    candidates.push_back(place);
    std::error_code error;
    std::set<fs::path> siblings;
    for (const auto& entry : fs::directory_iterator(place.parent_path(), error))
      siblings.insert(entry.path());
    candidates.insert(candidates.end(), siblings.begin(), siblings.end());
  }
  std::vector<fs::path> found;
  std::set<fs::path> seen;
  for (const auto& candidate : candidates) {
    std::error_code error;
    const bool is_model = fs::is_regular_file(candidate / "config.json", error);
    if (is_model && seen.insert(fs::weakly_canonical(candidate, error)).second) found.push_back(candidate);
  }
  return found;
}

void list(const ModelsOptions& options) {
  (void)find_model(options.model);  // says where it looked when there is none
  std::vector<std::vector<std::string>> rows;
  Json models = Json::array();
  for (const auto& folder : installed_models(options.model)) {
    const ModelInfo info = inspect_model(folder, false);
    std::uintmax_t bytes = 0;
    for (const auto& file : info.files) bytes += file.expected_bytes;
    rows.push_back({rows.empty() ? "*" : "", info.name,
                    fmt::format("{:.1f}", static_cast<double>(bytes) / 1e6), folder.string()});
    models.push_back(
        {{"name", info.name}, {"folder", folder.string()}, {"bytes", bytes}, {"used", models.empty()}});
  }
  write_stdout(options.format == "json"
                   ? dump_pretty({{"models", models}})
                   : text_table({{"", false}, {"Name", false}, {"MB", true}, {"Folder", false}}, rows,
                                stdout_style()));
}

void verify(const ModelsOptions& options) {
  const ModelInfo info = inspect_model(find_model(options.model), true);
  std::vector<std::vector<std::string>> rows;
  Json files = Json::array();
  std::vector<std::string> bad;
  for (const auto& file : info.files) {
    if (file.state != ModelFile::State::Good)
      bad.push_back(fmt::format("{} ({})", file.name, state_name(file.state)));
    rows.push_back({file.name, std::to_string(file.expected_bytes), state_name(file.state)});
    files.push_back({{"name", file.name}, {"bytes", file.expected_bytes}, {"state", state_name(file.state)}});
  }
  const Json json = {
      {"name", info.name}, {"folder", info.folder.string()}, {"good", bad.empty()}, {"files", files}};
  write_stdout(options.format == "json"
                   ? dump_pretty(json)
                   : text_table({{"File", false}, {"Bytes", true}, {"State", false}}, rows, stdout_style()));
  if (!bad.empty()) {
    throw Unavailable(fmt::format("the model in {} is not whole: {}; install it again",
                                  quote_for_message(info.folder.string(), 300), fmt::join(bad, ", ")));
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
