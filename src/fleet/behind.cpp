#include "fleet/behind.h"

namespace odordiff::fleet {
namespace {

constexpr redis::CallOptions kBehind{std::chrono::milliseconds(1000)};

}  // namespace

std::function<void(redis::Outcome)> Behind::ending(Then then, std::function<void()> failed) {
  {
    const std::lock_guard lock(mutex_);
    ++under_way_;
  }
  return [this, then = std::move(then), failed = std::move(failed)](const redis::Outcome& outcome) {
    if (outcome.error) {
      ++errors_;
      if (failed) failed();
    } else if (then) {
      then(outcome.reply);
    }
    // Last of all: who waits may destroy this then.
    const std::lock_guard lock(mutex_);
    --under_way_;
    ended_.notify_all();
  };
}

void Behind::send(redis::Command command, Then then) {
  client_->send(std::move(command), kBehind, ending(std::move(then), {}));
}

void Behind::eval(const std::shared_ptr<const redis::Script>& script, std::vector<std::string> keys,
                  std::vector<std::string> arguments, Then then, std::function<void()> failed) {
  client_->send_eval(script, std::move(keys), std::move(arguments), kBehind,
                     ending(std::move(then), std::move(failed)));
}

void Behind::wait() {
  std::unique_lock lock(mutex_);
  ended_.wait(lock, [&] { return under_way_ == 0; });
}

}  // namespace odordiff::fleet
