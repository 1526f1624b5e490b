// A request at work: what may end it early, as the worker and the connection both see it.
#pragma once

#include <atomic>
#include <chrono>
#include <optional>

namespace odordiff::server {

using Clock = std::chrono::steady_clock;

enum class Ending { None, ClientLeft, Deadline, Shutdown };

class Call {
 public:
  explicit Call(std::optional<Clock::time_point> deadline = std::nullopt) : deadline_(deadline) {}

  // The first ending stays.
  void end(Ending why) {
    Ending none = Ending::None;
    if (ending_.compare_exchange_strong(none, why)) cancelled_.store(true);
  }
  Ending ending() const { return ending_.load(); }
  // For the pipeline, which looks at it between steps.
  const std::atomic<bool>* cancelled() const { return &cancelled_; }
  const std::optional<Clock::time_point>& deadline() const { return deadline_; }

 private:
  const std::optional<Clock::time_point> deadline_;
  std::atomic<Ending> ending_{Ending::None};
  std::atomic<bool> cancelled_{false};
};

}  // namespace odordiff::server
