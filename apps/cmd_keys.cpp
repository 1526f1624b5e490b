// `odordiff keys`: API keys for a server.
#include <fmt/format.h>

#include <memory>

#include "answer_json.h"
#include "base/error.h"
#include "cli_tree.h"
#include "commands.h"
#include "options.h"
#include "server/gate/api_keys.h"
#include "text_io.h"

namespace odordiff::apps {
namespace {

struct KeyOptions {
  std::string name, role = "viewer", format = "text";
  int rate_limit = -1;
};

void make_key(const KeyOptions& options) {
  if (!server::is_key_name(options.name)) {
    throw InvalidInput(fmt::format("--name takes 1 to 64 letters, digits, \"-\", \"_\", \".\", not {}",
                                   quote_for_message(options.name)));
  }
  const std::string key = server::new_api_key();
  const auto rate = options.rate_limit < 0 ? std::nullopt : std::optional(options.rate_limit);
  const std::string entry = server::api_key_entry(key, options.name, *server::role_named(options.role), rate);
  if (options.format == "json") {
    write_stdout(
        dump_pretty({{"key", key}, {"name", options.name}, {"role", options.role}, {"entry", entry}}));
    return;
  }
  write_stdout(
      fmt::format("The key, which is shown only now:\n\n{}\n\n"
                  "Its entry for the file that auth.keys_file names:\n\n{}",
                  key, entry));
}

}  // namespace

void add_keys(CLI::App& root) {
  auto* app = root.add_subcommand("keys");
  describe_command(*app, "odordiff keys new --name lab-robot --role chemist", "Makes API keys for serve.");
  app->require_subcommand(1);

  auto options = std::make_shared<KeyOptions>();
  auto* new_app = app->add_subcommand("new");
  describe_command(*new_app, "odordiff keys new --name lab-robot --role chemist",
                   "Prints a fresh API key and its entry for the file of keys.",
                   "The server keeps the SHA-256 of a key alone, so a lost key cannot be found again.");
  new_app->add_option("--name", options->name, "Whose it is, for the audit log")->type_name("NAME");
  add_choice(*new_app, "--role", options->role, {"viewer", "chemist", "admin"}, "What it may do");
  add_whole(*new_app, "--rate-limit", options->rate_limit, 0, 1'000'000,
            "Requests a minute; 0: no limit; default: the server's");
  add_choice(*new_app, "--format", options->format, {"text", "json"}, "Form of the answer");
  new_app->callback([options] { make_key(*options); });
}

}  // namespace odordiff::apps
