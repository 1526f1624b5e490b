// The connection that messages of channels come by, and who wants which. It subscribes again after each
// reconnect and then tells everybody of the gap.
#pragma once

#include <map>
#include <mutex>

#include "fleet/redis/router.h"

namespace odordiff::fleet::redis {

// One Subscription. Its mutex is held while it is called, so that who ends it knows that no call is left.
struct Listener {
  std::vector<std::string> channels;
  Subscriber calls;
  std::recursive_mutex mutex;
  bool ended = false;
  bool told_ready = false;

  template <typename Call>
  void tell(const Call& call) {
    const std::lock_guard lock(mutex);
    if (!ended) call(calls);
  }
};

class Channels : public std::enable_shared_from_this<Channels> {
 public:
  Channels(Core& core, Router& router) : core_(core), router_(router) {}

  void add(const std::shared_ptr<Listener>& listener);
  void remove(const std::shared_ptr<Listener>& listener);
  // The server may be another one by now.
  void move();
  void stop(const std::exception_ptr& why);

 private:
  void connect();
  void open(const Address& address);
  void subscribe(std::vector<std::string> channels, const std::vector<std::shared_ptr<Listener>>& whom);
  void on_push(const Reply& message);
  void on_closed(const std::exception_ptr& why);
  void retry_later();
  bool wanted(const std::string& channel) const;

  Core& core_;
  Router& router_;
  std::vector<std::shared_ptr<Listener>> listeners_;
  ConnectionPtr connection_;
  int attempts_ = 0;
  bool locating_ = false, pausing_ = false, stopped_ = false;
};

}  // namespace odordiff::fleet::redis
