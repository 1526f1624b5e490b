// `odordiff fleet`: the whole system on one machine, for development.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "answer_json.h"
#include "base/error.h"
#include "cli_tree.h"
#include "commands.h"
#include "exit_code.h"
#include "fleet/local/local_fleet.h"
#include "interrupt.h"
#include "options.h"
#include "text_io.h"

namespace odordiff::apps {
namespace {

namespace fs = std::filesystem;

struct FleetFlags {
  fleet::LocalFleetOptions local;
  int port = 8000;
  std::string folder, format = "table";
  bool keep_dead = false;
};

fs::path folder_of(const FleetFlags& flags) {
  if (!flags.folder.empty()) return fs::absolute(flags.folder);
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  return fs::path(runtime == nullptr ? fs::temp_directory_path() : fs::path(runtime)) /
         fmt::format("odordiff-fleet-{}", ::getuid());
}

std::string address(std::uint16_t port) {
  return port == 0 ? "-" : fmt::format("127.0.0.1:{}", port);
}

void print(const std::vector<fleet::MemberState>& members, const std::string& format) {
  if (format == "json") {
    Json list = Json::array();
    for (const auto& m : members) {
      list.push_back({{"name", m.name},
                      {"kind", m.kind},
                      {"port", m.port},
                      {"pid", m.pid},
                      {"alive", m.alive},
                      {"log", m.log}});
    }
    write_stdout(dump_line({{"members", list}}));
    return;
  }
  std::string out =
      fmt::format("{:<12} {:<9} {:<16} {:>8}  {}\n", "name", "kind", "address", "process", "log");
  for (const auto& m : members) {
    out += fmt::format("{:<12} {:<9} {:<16} {:>8}  {}\n", m.name, m.kind, address(m.port),
                       m.alive ? std::to_string(m.pid) : "dead", m.log);
  }
  write_stdout(out);
}

bool runs_in(const fs::path& folder) {
  try {
    const auto members = fleet::read_fleet(folder);
    return std::any_of(members.begin(), members.end(), [](const auto& member) { return member.alive; });
  } catch (const Unavailable&) {
    return false;
  }
}

void up(const FleetFlags& flags) {
  fleet::LocalFleetOptions options = flags.local;
  options.port = static_cast<std::uint16_t>(flags.port);
  options.folder = folder_of(flags);
  options.program = fs::read_symlink("/proc/self/exe").string();
  if (const auto missing = fleet::missing_programs(options); !missing.empty()) {
    throw Unavailable(
        fmt::format("{} cannot be found; install redis-server and haproxy, and for "
                    "workers a Python (--python) with the package odordiff[celery]",
                    fmt::join(missing, ", ")));
  }
  if (runs_in(options.folder)) {
    throw InvalidInput("a fleet runs in " + options.folder.string() + " already; give another --folder");
  }
  auto members = fleet::plan_local_fleet(options);
  const std::string front = address(members.back().port);
  fleet::LocalFleet running(std::move(members), options.folder, !flags.keep_dead,
                            [](const std::string& line) { write_stderr("odordiff: " + line + "\n"); });
  running.start(interrupted());
  if (!interrupted().load()) {
    print(fleet::read_fleet(options.folder), flags.format);
    write_stderr(fmt::format("odordiff: the fleet is ready on http://{}; Ctrl-C ends it\n", front));
    running.watch(interrupted());
  }
  write_stderr("odordiff: the fleet ends\n");
  running.stop();
}

void status(const FleetFlags& flags) {
  const auto members = fleet::read_fleet(folder_of(flags));
  print(members, flags.format);
  for (const auto& member : members) {
    if (!member.alive) throw Exit{ExitCode::Unavailable};
  }
}

void add_common(CLI::App& app, FleetFlags& flags) {
  app.add_option(
         "--folder", flags.folder,
         "Where its files are; default: odordiff-fleet-UID under $XDG_RUNTIME_DIR or the temporary folder")
      ->type_name("FOLDER");
  add_choice(app, "--format", flags.format, {"table", "json"}, "Form of the table of what runs where");
}

}  // namespace

void add_fleet(CLI::App& root) {
  auto* app = root.add_subcommand("fleet");
  describe_command(*app, "odordiff fleet up", "The whole system on this machine, for development.");
  app->require_subcommand(1);

  auto flags = std::make_shared<FleetFlags>();
  auto* up_app = app->add_subcommand("up");
  describe_command(
      *up_app, "odordiff fleet up --api 2 --workers 1",
      "Starts servers, workers, Redis with sentinels, and HAProxy in front, on loopback.",
      "Prints what runs where, starts again what dies, and ends all of it on SIGTERM or Ctrl-C.");
  add_common(*up_app, *flags);
  add_whole(*up_app, "--api", flags->local.api, 1, 16, "Processes of odordiff serve");
  add_whole(*up_app, "--workers", flags->local.workers, 0, 16,
            "Celery workers; 0: the servers work through jobs themselves");
  add_whole(*up_app, "--worker-processes", flags->local.worker_processes, 1, 64, "Processes of each worker");
  add_whole(*up_app, "--port", flags->port, 0, 65535, "HAProxy's port; 0: any that is free");
  up_app->add_option("--python", flags->local.python, "Python that has the package odordiff[celery]")
      ->type_name("PROGRAM")
      ->envname("ODORDIFF_PYTHON");
  up_app->add_flag("--keep-dead", flags->keep_dead, "Do not start again what dies");
  up_app->callback([flags] { up(*flags); });

  auto* status_app = app->add_subcommand("status");
  describe_command(*status_app, "odordiff fleet status", "What of a fleet runs, and where.",
                   "The exit code is 3 where some of it is dead.");
  add_common(*status_app, *flags);
  status_app->callback([flags] { status(*flags); });
}

}  // namespace odordiff::apps
