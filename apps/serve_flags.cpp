#include "serve_flags.h"

#include <fmt/format.h>

#include "base/error.h"

namespace odordiff::apps {
namespace {

std::string value_name(const server::Setting& setting) {
  if (!setting.choices.empty()) return fmt::format("{}", fmt::join(setting.choices, "|"));
  return setting.kind.empty() ? "N" : setting.kind;
}

}  // namespace

void add_serve_flags(CLI::App& app, server::Sources& sources) {
  sources.environment = server::process_environment;
  sources.file = server::process_environment("ODORDIFF_CONFIG").value_or("");
  app.add_option("--config", sources.file, "Configuration file (TOML); default: what ODORDIFF_CONFIG names")
      ->type_name("FILE");
  for (const auto& setting : server::serve_settings()) {
    const auto take = [&sources, &setting](const std::string& text) {
      try {
        (void)server::parse_text(setting, text);
      } catch (const InvalidInput& error) {
        throw InvalidInput(fmt::format("{} {}", setting.flag, error.what()));
      }
      sources.flags[setting.flag] = text;
    };
    if (std::holds_alternative<bool server::ServeConfig::*>(setting.member)) {
      app.add_flag_function(
          setting.flag, [take](std::int64_t given) { take(given > 0 ? "true" : "false"); }, setting.help);
    } else {
      app.add_option_function<std::string>(setting.flag, take, setting.help)
          ->type_name(value_name(setting))
          ->default_str(standard_text(setting));
    }
  }
}

}  // namespace odordiff::apps
