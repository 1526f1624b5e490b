#include "hangup.h"

#include <csignal>
#include <ctime>
#include <utility>

namespace odordiff::apps {
namespace {

constexpr timespec kLookForSignal{3600, 0};

sigset_t hangup() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGHUP);
  return set;
}

}  // namespace

void block_hangup() {
  const sigset_t set = hangup();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

HangupListener::HangupListener(std::function<void()> reload, std::function<void()> tick)
    : reload_(std::move(reload)), tick_(std::move(tick)), thread_([this] { listen(); }) {}

HangupListener::~HangupListener() {
  ended_.store(true);
  pthread_kill(thread_.native_handle(), SIGHUP);  // wakes it
  thread_.join();
}

void HangupListener::listen() {
  const sigset_t set = hangup();
  while (true) {
    const int signal = sigtimedwait(&set, nullptr, &kLookForSignal);
    if (ended_.load()) return;
    if (signal == SIGHUP) {
      reload_();
    } else if (errno == EAGAIN) {
      tick_();
    }
  }
}

}  // namespace odordiff::apps
