#include "call.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <condition_variable>
#include <deque>
#include <exception>

#include "base/error.h"
#include "base/fork_gate.h"

namespace odordiff::python {

struct Call::State {
  State() : file(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (file < 0) throw Unavailable("no file descriptor is left; close some, or raise the limit (ulimit -n)");
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { close(file); }

  void add(Event event) {
    const std::lock_guard lock(mutex);
    events.push_back(std::move(event));
    tell();
  }
  void fail(std::exception_ptr why) {
    const std::lock_guard lock(mutex);
    error = std::move(why);
    tell();
  }
  // REQUIRES: the mutex is held.
  void tell() {
    (void)eventfd_write(file, 1);
    changed.notify_all();
  }
  // REQUIRES: the mutex is held.
  void settle() {
    eventfd_t count = 0;
    if (events.empty() && error == nullptr) (void)eventfd_read(file, &count);
  }

  const int file;
  std::atomic<bool> cancelled{false};
  std::mutex mutex;  // guards what follows
  std::condition_variable changed;
  std::deque<Event> events;
  std::exception_ptr error;
};

Call::Call(Work work) : state_(std::make_shared<State>()), process_(getpid()) {
  thread_ = std::thread([state = state_, work = std::move(work)] {
    try {
      const AtWork at_work;
      std::string answer = work(state->cancelled, [&](Event event) { state->add(std::move(event)); });
      state->add({"answer", std::move(answer)});
      state->fail(std::make_exception_ptr(Internal("the call has given its answer already")));
    } catch (...) {
      state->fail(std::current_exception());
    }
  });
}

Call::~Call() {
  if (getpid() != process_) {
    // Not even detached: its handle may by now be that of another thread of this process.
    static_cast<void>(new std::thread(std::move(thread_)));
    return;
  }
  end();
}

void Call::cancel() {
  state_->cancelled.store(true);
}

void Call::end() {
  require_own_process();
  cancel();
  const std::lock_guard lock(ending_);
  if (thread_.joinable()) thread_.join();
}

std::optional<Event> Call::next(std::chrono::milliseconds patience) {
  require_own_process();
  std::unique_lock lock(state_->mutex);
  state_->changed.wait_for(lock, patience,
                           [&] { return !state_->events.empty() || state_->error != nullptr; });
  if (!state_->events.empty()) {
    Event event = std::move(state_->events.front());
    state_->events.pop_front();
    state_->settle();
    return event;
  }
  if (state_->error != nullptr) std::rethrow_exception(state_->error);
  return std::nullopt;
}

int Call::file() const {
  return state_->file;
}

void Call::require_own_process() const {
  if (getpid() == process_) return;
  throw Unavailable("this call was begun by the process that this one was forked from; ask again here");
}

}  // namespace odordiff::python
