#include "interrupt.h"

#include <csignal>

#include "base/error.h"

namespace odordiff::apps {
namespace {

std::atomic<bool> interrupted_flag{false};
std::atomic<int> first_signal{0};
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int>::is_always_lock_free);

void on_signal(int signal) {
  int none = 0;
  first_signal.compare_exchange_strong(none, signal);
  interrupted_flag.store(true);
}

}  // namespace

void install_signal_handlers() {
  struct sigaction action = {};
  action.sa_handler = on_signal;
  // No SA_RESTART: a read that waits for the user returns, so that Ctrl-C is heard.
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

const std::atomic<bool>& interrupted() {
  return interrupted_flag;
}

void throw_if_interrupted() {
  if (interrupted_flag.load()) throw Cancelled("interrupted");
}

int interrupting_signal() {
  return first_signal.load();
}

}  // namespace odordiff::apps
