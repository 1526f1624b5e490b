// Asks Redis Sentinel who the primary is, hears when that changes, and learns of further sentinels. Any one
// of them that can be reached will do: the primary itself is asked for its role by whoever connects to it.
#pragma once

#include "fleet/redis/connection.h"
#include "fleet/redis/node.h"

namespace odordiff::fleet::redis {

class Sentinels : public std::enable_shared_from_this<Sentinels> {
 public:
  using Switched = std::function<void(const Address& primary)>;

  Sentinels(Core& core, Switched switched);

  void start();
  void stop(const std::exception_ptr& why);
  void locate(Located located);
  // What the sentinel in use says does not hold; the next one is asked.
  void doubt();

 private:
  void try_next();
  void ask();
  void on_answer(const std::vector<Reply>& replies);
  void on_message(const Reply& message);
  void on_closed(const std::exception_ptr& why);
  void learn(const Reply& others);
  void fail_all();
  void answer_all(const Address& address);

  Core& core_;
  const Switched switched_;
  std::vector<Address> known_;  // the one in use, or to be tried next, stands first
  ConnectionPtr connection_;
  std::vector<Located> asking_;
  std::size_t tried_ = 0;  // of known_, since the last answer
  int rounds_ = 0;         // in which none answered
  std::string trouble_;
  bool asked_ = false, pausing_ = false, stopped_ = false;
};

}  // namespace odordiff::fleet::redis
