// To which server a call goes.
#pragma once

#include "fleet/redis/node.h"

namespace odordiff::fleet::redis {

class Router {
 public:
  virtual ~Router() = default;

  virtual void start() = 0;
  virtual void stop(const std::exception_ptr& why) = 0;
  virtual void submit(const BatchPtr& batch) = 0;
  // The server of this slot (-1: any), for connections beside the shared ones.
  virtual void locate(int slot, Located located) = 0;

  virtual bool ready() const = 0;
  virtual BreakerState breaker() const = 0;
  virtual std::string server() const = 0;

  // Called when another server has become the primary; connections beside the shared ones should move.
  std::function<void()> moved = {};
};

std::shared_ptr<Router> make_router(Core& core);

// The greeting of connections to servers that hold data.
Connection::Greeting data_greeting(const Options& options);

}  // namespace odordiff::fleet::redis
