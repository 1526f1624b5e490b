// What the configuration of `odordiff serve` means for the server's parts, and whether the files that it
// names are good.
#pragma once

#include "server/config/serve_config.h"
#include "server/http_server.h"

namespace odordiff::apps {

// Throws InvalidInput where settings contradict each other.
server::HttpOptions http_options(const server::ServeConfig& config);

// All that `serve` reads at its start, but for what it asks others for. Throws InvalidInput or Unavailable as
// serve would, naming the file.
void check_serve_config(const server::ServeConfig& config);

// Lets the process open as many files as the configured connections need, and says so in the log where the
// system's limit is lower.
void allow_connections(const server::ServeConfig& config, observe::Logger& logger);

}  // namespace odordiff::apps
