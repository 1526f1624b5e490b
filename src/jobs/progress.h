// How far a job is, and who wants to hear of it.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "jobs/job.h"

namespace odordiff::jobs {

struct Progress {
  std::string id;
  State state = State::Queued;
  int total = 0;
  int done = 0;  // on disk, with `failed`
  int failed = 0;
  int in_work = 0;
  double per_second = 0;               // of late; 0: nothing to judge by yet
  std::optional<double> seconds_left;  // at that rate
};

// Prompts a second over the last few that were finished, since the first began in this process.
class Rate {
 public:
  void began(std::int64_t now_ms);
  void finished(std::int64_t now_ms);
  double per_second(std::int64_t now_ms) const;

 private:
  std::deque<std::int64_t> times_ms_;  // the moment before the first that counts, then one a prompt
};

// Who listens to which job. Safe to call from many threads.
class Listeners {
 public:
  using Callback = std::function<void(const Progress&)>;

  std::uint64_t add(std::string id, Callback callback);
  void remove(std::uint64_t number);
  // Calls on this thread, without a lock held.
  void tell(const Progress& progress) const;

 private:
  struct Listener {
    std::string id;
    Callback callback;
  };
  mutable std::mutex mutex_;
  std::uint64_t last_ = 0;
  std::map<std::uint64_t, std::shared_ptr<const Listener>> listeners_;
};

// Listens until it is destroyed; after that it is not called, unless a call is already under way. May outlive
// the runner.
class Subscription {
 public:
  Subscription() = default;
  Subscription(std::shared_ptr<Listeners> listeners, std::uint64_t number)
      : listeners_(std::move(listeners)), number_(number) {}
  Subscription(Subscription&& other) noexcept = default;
  Subscription& operator=(Subscription&& other) noexcept {
    std::swap(listeners_, other.listeners_);
    std::swap(number_, other.number_);
    return *this;
  }
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;
  ~Subscription() {
    if (listeners_ != nullptr) listeners_->remove(number_);
  }

 private:
  std::shared_ptr<Listeners> listeners_;
  std::uint64_t number_ = 0;
};

}  // namespace odordiff::jobs
