// The whole command line: the tree of commands, and what to say when arguments do not fit it.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

namespace odordiff::apps {

std::unique_ptr<CLI::App> make_cli();

// One line that says what was wrong and what would be right.
std::string usage_message(const CLI::App& root, const CLI::ParseError& error);

}  // namespace odordiff::apps
