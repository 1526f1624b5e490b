// The effective configuration: standard values, overruled by a file, by the environment, by flags.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "server/config/config_error.h"
#include "server/config/setting.h"

namespace odordiff::server {

enum class Origin { Standard, File, Environment, Flag };
const char* to_string(Origin origin);

// Where a value came from: "odordiff.toml:12", "CACHE_L1_MAX_SIZE", "--port".
struct Given {
  Origin origin = Origin::Standard;
  std::string where;
};

struct Sources {
  std::string file;  // empty: none
  std::function<std::optional<std::string>(const std::string& name)> environment = {};
  std::map<std::string, std::string> flags = {};  // by name, "--port"
};

struct LoadedConfig {
  ServeConfig config;
  std::map<std::string, Given> given = {};  // by path; only what somebody gave

  Given origin_of(const Setting& setting) const;
};

// Throws ConfigError, or Unavailable where the file cannot be read. A variable that is empty counts as not
// set.
LoadedConfig load_config(const Sources& sources);

// The variable of this process, if it is set.
std::optional<std::string> process_environment(const std::string& name);

// The same, with what does not reload taken from `running`. `restart`, if given, gets the paths of settings
// whose new values wait for a restart.
ServeConfig reloaded(const ServeConfig& running, const ServeConfig& fresh,
                     std::vector<std::string>* restart = nullptr);

}  // namespace odordiff::server
