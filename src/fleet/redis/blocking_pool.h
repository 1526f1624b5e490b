// Connections for commands that wait at the server: each has one to itself for as long as it waits.
#pragma once

#include <deque>

#include "fleet/redis/router.h"

namespace odordiff::fleet::redis {

class BlockingPool : public std::enable_shared_from_this<BlockingPool> {
 public:
  BlockingPool(Core& core, Router& router) : core_(core), router_(router) {}

  void submit(const BatchPtr& batch);
  void stop(const std::exception_ptr& why);

 private:
  void run(const BatchPtr& batch, const Address& address);
  void send(const ConnectionPtr& connection, const BatchPtr& batch);
  void on_closed(const Connection* connection, const BatchPtr& first, const std::exception_ptr& why);
  void release(const ConnectionPtr& connection);
  void next();

  Core& core_;
  Router& router_;
  std::vector<ConnectionPtr> all_;
  std::vector<ConnectionPtr> idle_;
  std::deque<BatchPtr> waiting_;
  bool stopped_ = false;
};

}  // namespace odordiff::fleet::redis
