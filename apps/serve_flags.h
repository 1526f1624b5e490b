// The flags of `odordiff serve`, made from the table of settings, for every command that takes them.
#pragma once

#include <CLI/CLI.hpp>

#include "server/config/load_config.h"

namespace odordiff::apps {

// `--config` and one flag for each setting. What is given lands in `sources`, checked at once; without
// `--config` the file is the one that ODORDIFF_CONFIG names.
void add_serve_flags(CLI::App& app, server::Sources& sources);

}  // namespace odordiff::apps
