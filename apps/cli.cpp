#include "cli.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/closest.h"
#include "base/error.h"
#include "cli_tree.h"
#include "commands.h"
#include "options.h"

namespace odordiff::apps {
namespace {

class HelpFormatter : public CLI::FormatterBase {
 public:
  std::string make_help(const CLI::App* app, std::string, CLI::AppFormatMode) const override {
    std::string path = app->get_name();
    for (const auto* parent = app->get_parent(); parent != nullptr; parent = parent->get_parent()) {
      path = parent->get_name() + " " + path;
    }
    return help_text(read_tree(*app), path);
  }
};

void set_up(CLI::App& app, const std::shared_ptr<HelpFormatter>& formatter) {
  app.formatter(formatter);
  app.set_help_flag("-h,--help", "Print this help");
  for (auto* sub : app.get_subcommands([](CLI::App*) { return true; })) set_up(*sub, formatter);
}

// The innermost command that was named on the command line.
const CLI::App& selected(const CLI::App& root) {
  const CLI::App* app = &root;
  while (!app->get_subcommands().empty()) app = app->get_subcommands().back();
  return *app;
}

}  // namespace

std::unique_ptr<CLI::App> make_cli() {
  auto root = std::make_unique<CLI::App>();
  root->name("odordiff");
  describe_command(
      *root, "odordiff generate \"fresh-cut grass after rain, a little ozone\" -n 5",
      "words to new scent molecules",
      "Describe a smell in plain English and get new, makeable odorant molecules, ranked, each with its "
      "predicted smell, volatility and synthetic accessibility.");
  root->require_subcommand(1);
  add_generate(*root);
  add_batch(*root);
  add_explain(*root);
  add_describe(*root);
  add_nearest(*root);
  add_design(*root);
  add_assess(*root);
  add_draw(*root);
  add_routes(*root);
  add_serve(*root);
  add_fleet(*root);
  add_config(*root);
  add_evaluate(*root);
  add_keys(*root);
  add_models(*root);
  add_completion(*root);
  add_man(*root);
  add_version(*root);
  set_up(*root, std::make_shared<HelpFormatter>());
  root->set_version_flag("--version", "odordiff " ODORDIFF_VERSION, "Print the version");
  restore_arguments(*root);
  return root;
}

std::string usage_message(const CLI::App& root, const CLI::ParseError& error) {
  const CLI::App& app = selected(root);
  std::string path = app.get_name();
  for (const auto* parent = app.get_parent(); parent != nullptr; parent = parent->get_parent()) {
    path = parent->get_name() + " " + path;
  }
  const CommandInfo command = read_tree(app);
  const auto extras = root.remaining(true);
  if (!extras.empty()) {
    const std::string wrong = without_mark(extras.front());
    const bool is_option = wrong.starts_with('-');
    const bool wants_command = !command.commands.empty() && !is_option;
    std::vector<std::string> names;
    if (wants_command) {
      for (const auto& sub : command.commands) names.push_back(sub.name);
    } else {
      for (const auto& option : command.options)
        names.insert(names.end(), option.names.begin(), option.names.end());
    }
    const std::string near = closest(wrong.substr(0, wrong.find('=')), names);
    return fmt::format("{} {}{}; see '{} --help'",
                       wants_command ? "unknown command"
                       : is_option   ? "unknown option"
                                     : "unexpected argument",
                       quote_for_message(wrong), near.empty() ? "" : fmt::format("; did you mean {}?", near),
                       path);
  }
  if (!command.commands.empty()) {
    std::vector<std::string> names;
    for (const auto& sub : command.commands) names.push_back(sub.name);
    return fmt::format("a command is missing: {}; see '{} --help'", fmt::join(names, ", "), path);
  }
  return fmt::format("{}; see '{} --help'", error.what(), path);
}

}  // namespace odordiff::apps
