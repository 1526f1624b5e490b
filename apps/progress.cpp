#include "progress.h"

#include <fmt/format.h>

#include <algorithm>

#include "terminal.h"
#include "text_io.h"

namespace odordiff::apps {
namespace {

constexpr std::chrono::milliseconds kRedraw{100};

std::string time_left(double seconds) {
  if (seconds < 100) return fmt::format("{:.0f} s", seconds);
  if (seconds < 6000) return fmt::format("{:.0f} min", seconds / 60);
  return fmt::format("{:.1f} h", seconds / 3600);
}

}  // namespace

std::string progress_line(std::size_t done, std::size_t total, double rate_per_s, int width) {
  const double fraction = total == 0 ? 1.0 : static_cast<double>(done) / static_cast<double>(total);
  const std::string left = fmt::format("{}/{} ", done, total);
  std::string right = fmt::format(" {:3.0f}%", fraction * 100);
  if (rate_per_s > 0) {
    right += fmt::format("  {:.1f}/s  {} left", rate_per_s,
                         time_left(static_cast<double>(total - done) / rate_per_s));
  }
  const int room = width - static_cast<int>(left.size() + right.size()) - 3;
  std::string out = left;
  if (room >= 5) {
    const int bar = std::min(room, 40);
    const int filled = static_cast<int>(fraction * bar);
    out += fmt::format("[{}{}]", std::string(static_cast<std::size_t>(filled), '='),
                       std::string(static_cast<std::size_t>(bar - filled), ' '));
  }
  return (out + right).substr(0, static_cast<std::size_t>(std::max(width - 1, 0)));
}

Progress::Progress(std::size_t total, std::size_t already, bool enabled)
    : total_(total),
      already_(already),
      enabled_(enabled && stderr_is_terminal()),
      start_(std::chrono::steady_clock::now()),
      drawn_(start_ - kRedraw) {}

Progress::~Progress() {
  if (enabled_) write_stderr("\r\x1b[K");
}

void Progress::update(std::size_t done) {
  const auto now = std::chrono::steady_clock::now();
  if (!enabled_ || now - drawn_ < kRedraw) return;
  drawn_ = now;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  const double rate = seconds > 0.2 ? static_cast<double>(done - already_) / seconds : 0;
  write_stderr(fmt::format("\r{}\x1b[K", progress_line(done, total_, rate, stderr_width())));
}

}  // namespace odordiff::apps
