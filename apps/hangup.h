// SIGHUP, by which administrators ask a running server to read its configuration again.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

namespace odordiff::apps {

// Keeps SIGHUP from this thread and those that it starts from now on. REQUIRES: called before any of them.
void block_hangup();

// Waits for SIGHUP on a thread of its own. REQUIRES: block_hangup(), one listener at a time.
class HangupListener {
 public:
  // `reload` is called for each SIGHUP, `tick` each hour, one after the other; they must not throw.
  HangupListener(std::function<void()> reload, std::function<void()> tick);
  ~HangupListener();  // waits for a call under way
  HangupListener(const HangupListener&) = delete;
  HangupListener& operator=(const HangupListener&) = delete;

 private:
  void listen();

  const std::function<void()> reload_, tick_;
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

}  // namespace odordiff::apps
