// One server, or whoever has its part: the shared connections to it, their reconnecting, the commands that
// wait for them, and the breaker.
#pragma once

#include "fleet/redis/breaker.h"
#include "fleet/redis/connection.h"

namespace odordiff::fleet::redis {

// Says where the server is, now or later, once; or why nobody knows.
using Located = std::function<void(std::exception_ptr error, const Address& address)>;
using Locate = std::function<void(Located)>;

class Node : public std::enable_shared_from_this<Node> {
 public:
  struct Events {
    // Takes over a batch whose replies say that it must go elsewhere, and is true then.
    std::function<bool(const BatchPtr& batch, std::vector<Reply>& replies)> redirected = {};
    std::function<void()> lost = {};  // a connection, or an attempt at one; the server may have moved
  };

  Node(Core& core, Connection::Greeting greeting, Locate locate, Events events);

  // Makes the connections; without it the first batch does.
  void start();
  void submit(const BatchPtr& batch);
  // The server is no longer where the connections lead: they end, and it is located anew.
  void relocate(const std::string& why);
  void stop(const std::exception_ptr& why);
  // What waits for a connection.
  std::vector<BatchPtr> take_waiting();

  BreakerState breaker() const { return breaker_.state(); }
  bool ready() const;

 private:
  struct Slot {
    ConnectionPtr connection;
    bool was_ready = false;
    std::size_t serving = 0;  // the slot whose connection the lanes of this one use
  };

  void maintain();
  void attempt(std::size_t slot);
  void connect(std::size_t slot, const Address& address);
  void on_ready(std::size_t slot);
  void on_closed(std::size_t slot, const std::exception_ptr& why);
  void failed(const std::exception_ptr& why);
  void succeeded();
  void retry_later();
  void probe();
  void flush();
  void send(Connection& connection, const BatchPtr& batch);
  void on_answer(const BatchPtr& batch, std::vector<Reply> replies, const std::exception_ptr& lost,
                 bool begun);
  std::exception_ptr left_alone() const;

  Core& core_;
  const Connection::Greeting greeting_;
  const Locate locate_;
  Events events_;
  std::vector<Slot> slots_;
  std::vector<BatchPtr> waiting_;
  Breaker breaker_;
  std::string shown_;  // "host:port", when it is known
  std::string trouble_;
  int attempts_ = 0;  // in a row that failed
  bool connecting_ = false, pausing_ = false, moving_ = false, stopped_ = false;
};

}  // namespace odordiff::fleet::redis
