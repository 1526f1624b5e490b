// The one place where the outcome of a command becomes a line on stderr and an exit code.
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <exception>
#include <new>

#include "base/error.h"
#include "cli.h"
#include "exit_code.h"
#include "interrupt.h"
#include "options.h"
#include "text_io.h"

namespace odordiff::apps {
namespace {

void say(std::string message) {
  std::replace_if(
      message.begin(), message.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  write_stderr("odordiff: " + message + "\n");
}

ExitCode interruption(const std::exception& error) {
  say(error.what());
  return interrupting_signal() == SIGTERM ? ExitCode::Terminated : ExitCode::Interrupted;
}

ExitCode parse_and_run(CLI::App& cli, std::vector<std::string> arguments) {
  std::reverse(arguments.begin(), arguments.end());  // the order that CLI11 takes
  try {
    cli.parse(std::move(arguments));
    return ExitCode::Ok;
  } catch (const CLI::CallForHelp&) {
    write_stdout(cli.help());
    return ExitCode::Ok;
  } catch (const CLI::CallForVersion& version) {
    write_stdout(std::string(version.what()) + "\n");
    return ExitCode::Ok;
  } catch (const CLI::ParseError& error) {
    say(usage_message(cli, error));
    return ExitCode::BadInput;
  }
}

ExitCode run(int argc, char** argv) {
  try {
    const auto cli = make_cli();
    return parse_and_run(*cli, protect_arguments(argc, argv));
  } catch (const Exit& exit) {
    return exit.code;
  } catch (const ClosedPipe&) {
    return ExitCode::ClosedPipe;
  } catch (const InvalidInput& error) {
    say(error.what());
    return ExitCode::BadInput;
  } catch (const Cancelled& error) {
    return interruption(error);
  } catch (const Unavailable& error) {
    say(error.what());
    return ExitCode::Unavailable;
  } catch (const Overloaded& error) {
    say(error.what());
    return ExitCode::Unavailable;
  } catch (const std::bad_alloc&) {
    say("out of memory; ask for fewer molecules or use fewer --threads");
    return ExitCode::Unavailable;
  } catch (const std::exception& error) {
    say(fmt::format("internal error: {}; please report it", error.what()));
    return ExitCode::InternalError;
  }
}

}  // namespace
}  // namespace odordiff::apps

int main(int argc, char** argv) {
  odordiff::apps::install_signal_handlers();
  return static_cast<int>(odordiff::apps::run(argc, argv));
}
