// The configuration for people and for machines: a documented file, and what is in effect and why.
#pragma once

#include <string>

#include "server/config/load_config.h"
#include "server/json.h"

namespace odordiff::server {

// A file that names every setting with its help, bounds and standard value, all commented out.
std::string example_config();

// {"file", "settings": [{"path", "value", "from", "where", "default", "environment", "flag", "reloads"}]}
Json config_json(const LoadedConfig& loaded, const std::string& file);

}  // namespace odordiff::server
