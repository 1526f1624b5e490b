// `odordiff keys`: API keys for a server.
#include <fmt/format.h>

#include <array>
#include <memory>

#include "answer_json.h"
#include "base/error.h"
#include "cli_tree.h"
#include "commands.h"
#include "options.h"
#include "output.h"
#include "server/gate/api_keys.h"
#include "server/gate/keys_file.h"
#include "terminal.h"
#include "text_io.h"

namespace odordiff::apps {
namespace {

struct KeyOptions {
  std::string name, role = "viewer", format = "text", file;
  std::array<int, 4> limits = {-1, -1, -1, -1};  // as OwnQuota::members()
  int weight = 1;
};

constexpr const char* kThen =
    "A server takes the change when it reads its configuration again: send it SIGHUP.\n";

void list_keys(const KeyOptions& options) {
  std::vector<std::vector<std::string>> rows;
  Json list = Json::array();
  for (const auto& key : server::ApiKeys::read(options.file).list()) {
    rows.push_back({key.name, server::to_string(key.role)});
    list.push_back({{"name", key.name}, {"role", server::to_string(key.role)}});
    for (const auto& limit : server::OwnQuota::members()) {
      const auto most = key.quota.*limit.value;
      rows.back().push_back(most ? std::to_string(*most) : "default");
      list.back()[limit.name] = most ? Json(*most) : Json(nullptr);
    }
    rows.back().insert(rows.back().end(), {std::to_string(key.weight), key.sha256.substr(0, 12)});
    list.back().update({{"weight", key.weight}, {"sha256", key.sha256}});
  }
  write_stdout(options.format == "json" ? dump_pretty({{"keys", list}})
                                        : text_table({{"Name", false},
                                                      {"Role", false},
                                                      {"Requests/min", true},
                                                      {"Samples/h", true},
                                                      {"Jobs", true},
                                                      {"Streams", true},
                                                      {"Weight", true},
                                                      {"SHA-256", false}},
                                                     rows, stdout_style()));
}

void revoke(const KeyOptions& options) {
  server::revoke_key(options.file, options.name);
  write_stdout(fmt::format("The key {} is out of {}. {}", options.name, options.file, kThen));
}

void rotate(const KeyOptions& options) {
  const std::string key = server::rotate_key(options.file, options.name);
  if (options.format == "json") {
    write_stdout(dump_pretty({{"key", key}, {"name", options.name}}));
    return;
  }
  write_stdout(
      fmt::format("The new key of {}, which is shown only now:\n\n{}\n\n{}Until then the old one is good.\n",
                  options.name, key, kThen));
}

// Of the commands on a file.
void add_file(CLI::App& app, KeyOptions& options, bool names_one) {
  app.add_option("--file", options.file, "File of keys, as auth.keys_file names it")
      ->type_name("FILE")
      ->required();
  if (names_one) app.add_option("name", options.name, "Whose key")->type_name("NAME")->required();
}

void make_key(const KeyOptions& options) {
  if (!server::is_key_name(options.name)) {
    throw InvalidInput(fmt::format("--name takes 1 to 64 letters, digits, \"-\", \"_\", \".\", not {}",
                                   quote_for_message(options.name)));
  }
  const std::string key = server::new_api_key();
  server::ApiKeys::Listed of{.name = options.name, .sha256 = {}, .role = *server::role_named(options.role)};
  of.weight = options.weight;
  const auto members = server::OwnQuota::members();
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (options.limits[i] >= 0) of.quota.*members[i].value = options.limits[i];
  }
  const std::string entry = server::api_key_entry(key, of);
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
  describe_command(*app, "odordiff keys new --name lab-robot --role chemist",
                   "Makes, lists, revokes and rotates API keys for serve.");
  app->require_subcommand(1);

  auto options = std::make_shared<KeyOptions>();
  auto* new_app = app->add_subcommand("new");
  describe_command(*new_app, "odordiff keys new --name lab-robot --role chemist",
                   "Prints a fresh API key and its entry for the file of keys.",
                   "The server keeps the SHA-256 of a key alone, so a lost key cannot be found again.");
  new_app->add_option("--name", options->name, "Whose it is, for the audit log")->type_name("NAME");
  add_choice(*new_app, "--role", options->role, {"viewer", "chemist", "admin"}, "What it may do");
  using server::OwnQuota;
  add_whole(*new_app, "--rate-limit", options->limits[0], 0, OwnQuota::kMost,
            "Requests a minute; 0: no limit; default: the server's");
  add_whole(*new_app, "--sample-limit", options->limits[1], 0, OwnQuota::kMostSamples,
            "Molecules drawn an hour; 0: no limit; default: the server's");
  add_whole(*new_app, "--job-limit", options->limits[2], 0, OwnQuota::kMost,
            "Unfinished jobs; 0: no limit; default: the server's");
  add_whole(*new_app, "--stream-limit", options->limits[3], 0, OwnQuota::kMost,
            "Streams and WebSockets at a time; 0: no limit; default: the server's");
  add_whole(*new_app, "--weight", options->weight, 1, server::kMostWeight,
            "Share in the work on jobs: twice the weight, twice the prompts");
  add_choice(*new_app, "--format", options->format, {"text", "json"}, "Form of the answer");
  new_app->callback([options] { make_key(*options); });

  auto* list_app = app->add_subcommand("list");
  describe_command(*list_app, "odordiff keys list --file keys.toml", "Lists the keys of a file.");
  add_file(*list_app, *options, false);
  add_choice(*list_app, "--format", options->format, {"text", "json"}, "Form of the answer");
  list_app->callback([options] { list_keys(*options); });

  auto* revoke_app = app->add_subcommand("revoke");
  describe_command(*revoke_app, "odordiff keys revoke lab-robot --file keys.toml",
                   "Takes a key out of a file.", "The rest of the file stays as it is.");
  add_file(*revoke_app, *options, true);
  revoke_app->callback([options] { revoke(*options); });

  auto* rotate_app = app->add_subcommand("rotate");
  describe_command(*rotate_app, "odordiff keys rotate lab-robot --file keys.toml",
                   "Gives a name of a file another key, and prints it.");
  add_file(*rotate_app, *options, true);
  add_choice(*rotate_app, "--format", options->format, {"text", "json"}, "Form of the answer");
  rotate_app->callback([options] { rotate(*options); });
}

}  // namespace odordiff::apps
