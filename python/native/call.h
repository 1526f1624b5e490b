// A request at work on a thread of its own, so that whoever waits for it can go on handling signals, run an
// event loop, or give up.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace odordiff::python {

// What is told on the way, as JSON, and at the end: the answer.
struct Event {
  std::string kind;  // "understood", "progress", "molecule"; "answer" is the last
  std::string json;
};
using Emit = std::function<void(Event)>;  // may be called from several threads at once

class Call {
 public:
  using Work = std::function<std::string(const std::atomic<bool>& cancel, const Emit& emit)>;

  explicit Call(Work work);
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  ~Call();  // as end(); in a forked process, where there is no such thread, nothing is done

  void cancel();
  // Cancels, and waits until the thread has ended.
  void end();
  // The next event; nothing where none came in time. Behind the events it throws what the work threw. Throws
  // Unavailable in another process than the one that began the call, and Internal behind the last event.
  std::optional<Event> next(std::chrono::milliseconds patience);
  // A file descriptor that is readable while next() has something to give. It belongs to the call.
  int file() const;

 private:
  struct State;

  void require_own_process() const;

  std::shared_ptr<State> state_;  // shared with the thread
  pid_t process_;
  std::mutex ending_;
  std::thread thread_;  // guarded by ending_
};

}  // namespace odordiff::python
