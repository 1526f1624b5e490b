// A request at work: what may end it early, as the worker and the connection both see it.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>

#include "observe/tracer.h"

namespace odordiff::server {

using Clock = std::chrono::steady_clock;

inline double seconds_since(Clock::time_point from) {
  return std::chrono::duration<double>(Clock::now() - from).count();
}

enum class Ending { None, ClientLeft, Deadline, Shutdown };

class Call {
 public:
  explicit Call(std::optional<Clock::time_point> deadline = std::nullopt) : deadline_(deadline) {}

  // The first ending stays.
  void end(Ending why) {
    Ending none = Ending::None;
    if (!ending_.compare_exchange_strong(none, why)) return;
    cancelled_.store(true);
    std::function<void()> act;
    {
      const std::lock_guard lock(mutex_);
      act.swap(on_end_);
    }
    if (act) act();
  }
  // `act` is called once by whoever ends the call, or at once where it has ended. One at most.
  void on_end(std::function<void()> act) {
    {
      const std::lock_guard lock(mutex_);
      if (ending() == Ending::None) {
        on_end_ = std::move(act);
        return;
      }
    }
    act();
  }
  Ending ending() const { return ending_.load(); }
  // For the pipeline, which looks at it between steps.
  const std::atomic<bool>* cancelled() const { return &cancelled_; }
  const std::optional<Clock::time_point>& deadline() const { return deadline_; }
  // Where spans of its work belong. REQUIRES: put before others see the call.
  void belongs_to(observe::TracePlace place) { place_ = std::move(place); }
  const observe::TracePlace& place() const { return place_; }

 private:
  const std::optional<Clock::time_point> deadline_;
  std::atomic<Ending> ending_{Ending::None};
  std::atomic<bool> cancelled_{false};
  std::mutex mutex_;
  std::function<void()> on_end_;  // guarded by mutex_
  observe::TracePlace place_;
};

}  // namespace odordiff::server
