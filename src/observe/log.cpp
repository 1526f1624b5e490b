#include "observe/log.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>

namespace odordiff::observe {

const char* to_string(Level level) {
  switch (level) {
    case Level::Debug:
      return "debug";
    case Level::Info:
      return "info";
    case Level::Warning:
      return "warning";
    case Level::Error:
      return "error";
  }
  return "unknown";
}

std::optional<Level> level_named(std::string_view name) {
  for (const Level level : {Level::Debug, Level::Info, Level::Warning, Level::Error}) {
    if (name == to_string(level)) return level;
  }
  return std::nullopt;
}

void Logger::log(Level level, std::string_view message, const nlohmann::ordered_json& fields) {
  using Json = nlohmann::ordered_json;
  if (!enabled(level)) return;
  Json line = {{"time", utc_now()}, {"level", to_string(level)}, {"message", message}};
  if (fields.is_object()) line.update(fields);
  const std::string text = line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  const std::lock_guard lock(mutex_);
  write_(text);
}

Logger::Write to_stderr() {
  return [](std::string_view line) {
    while (!line.empty()) {
      const auto written = ::write(STDERR_FILENO, line.data(), line.size());
      if (written <= 0) return;
      line.remove_prefix(static_cast<std::size_t>(written));
    }
  };
}

std::string utc_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return utc_text(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

std::string utc_text(std::int64_t ms) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(static_cast<std::time_t>(ms / 1000)),
                     ms % 1000);
}

}  // namespace odordiff::observe
