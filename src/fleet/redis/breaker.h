// Whether it is worth asking a server at all: after some failures in a row it is not, until it is seen to
// answer again.
#pragma once

#include <algorithm>
#include <chrono>

#include "fleet/redis/client.h"

namespace odordiff::fleet::redis {

class Breaker {
 public:
  explicit Breaker(int failures) : limit_(failures) {}

  BreakerState state() const { return state_; }
  bool admits() const { return state_ == BreakerState::Closed; }

  // A call was answered.
  void success() {
    state_ = BreakerState::Closed;
    failures_ = 0;
  }
  // A call or an attempt to connect came to nothing. True where that opened it.
  bool failure() {
    if (failures_ < limit_) ++failures_;
    if (state_ == BreakerState::Open || (state_ == BreakerState::Closed && failures_ < limit_)) return false;
    state_ = BreakerState::Open;
    return true;
  }
  // The server is being asked whether it answers.
  void probe() {
    if (state_ == BreakerState::Open) state_ = BreakerState::HalfOpen;
  }

 private:
  const int limit_;
  int failures_ = 0;
  BreakerState state_ = BreakerState::Closed;
};

// How long to wait before attempt number `attempt`, from 1: doubling from `first` to `most`, of which a
// random part of up to a half is left out, so that not all clients come back at once. `chance` lies in [0,
// 1).
inline std::chrono::milliseconds backoff(int attempt, std::chrono::milliseconds first,
                                         std::chrono::milliseconds most, double chance) {
  const int doublings = std::clamp(attempt - 1, 0, 20);
  const auto whole = std::min<std::chrono::milliseconds>(most, first * (1LL << doublings));
  return std::chrono::milliseconds(
      static_cast<long long>(static_cast<double>(whole.count()) * (1 - chance / 2)));
}

}  // namespace odordiff::fleet::redis
