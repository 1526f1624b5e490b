// The log of a long-running process: one JSON object a line, so that machines read it as easily as people.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace odordiff::observe {

enum class Level { Debug, Info, Warning, Error };
const char* to_string(Level level);
// The level of this name; nothing for another word.
std::optional<Level> level_named(std::string_view name);

class Logger {
 public:
  // `write` takes a whole line with its end, and is called by one thread at a time.
  using Write = std::function<void(std::string_view line)>;
  Logger(Level least, Write write) : least_(least), write_(std::move(write)) {}

  bool enabled(Level level) const { return level >= least_.load(std::memory_order_relaxed); }
  // From now on; safe beside log().
  void set_least(Level level) { least_.store(level, std::memory_order_relaxed); }

  // {"time": …, "level": …, "message": …} and the members of `fields`, an object. Secrets and what users
  // wrote stay out of it: that is the caller's duty.
  void log(Level level, std::string_view message, const nlohmann::ordered_json& fields = {});

 private:
  std::atomic<Level> least_;
  const Write write_;
  std::mutex mutex_;
};

// A writer to file descriptor 2; a line that cannot be written is lost.
Logger::Write to_stderr();

// "2026-01-31T12:00:00.123Z", of now or of a moment in milliseconds since 1970.
std::string utc_now();
std::string utc_text(std::int64_t ms);

}  // namespace odordiff::observe
