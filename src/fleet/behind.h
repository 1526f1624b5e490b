// Calls to Redis that nobody waits for.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "fleet/redis/client.h"

namespace odordiff::fleet {

// What they come to is counted where it is an error, and told to `then` where it is not, on the client's
// thread.
class Behind {
 public:
  using Then = std::function<void(const redis::Reply& reply)>;

  explicit Behind(std::shared_ptr<redis::Client> client) : client_(std::move(client)) {}
  Behind(const Behind&) = delete;
  Behind& operator=(const Behind&) = delete;
  ~Behind() { wait(); }

  void send(redis::Command command, Then then = {});
  void eval(const std::shared_ptr<const redis::Script>& script, std::vector<std::string> keys,
            std::vector<std::string> arguments, Then then = {}, std::function<void()> failed = {});

  // Until all have ended; each has a second.
  void wait();

  std::uint64_t errors() const { return errors_; }
  void count_error() { ++errors_; }

 private:
  std::function<void(redis::Outcome)> ending(Then then, std::function<void()> failed);

  const std::shared_ptr<redis::Client> client_;
  std::atomic<std::uint64_t> errors_{0};
  std::mutex mutex_;
  std::condition_variable ended_;
  int under_way_ = 0;
};

}  // namespace odordiff::fleet
