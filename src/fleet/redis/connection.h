// One connection to one server: it greets, sends what it is given at once, and hands out the answers in
// order. It notices when the server falls silent.
#pragma once

#include <deque>

#include "fleet/redis/batch.h"
#include "fleet/redis/resp_reader.h"
#include "fleet/redis/stream.h"

namespace odordiff::fleet::redis {

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  struct Greeting {
    std::string user, password;
    int database = 0;
    bool primary = false;  // a replica is none that we look for
    std::chrono::milliseconds health_interval{30'000};
  };
  // Those that are given hold what they need weakly: a connection must not keep its owner.
  struct Events {
    std::function<void()> ready = {};
    std::function<void(std::exception_ptr why)> closed = {};  // once, at last; of a failed greeting as well
    std::function<void(const Reply& message)> push = {};
    std::function<void()> late = {};  // a command's time was over before its answer came
  };
  // What became of a batch that was sent here: its replies, or, where the connection ended first, the reason
  // and whether the server may have got it.
  using Answered = std::function<void(const BatchPtr& batch, std::vector<Reply> replies,
                                      std::exception_ptr lost, bool begun)>;

  Connection(Core& core, Address address, Greeting greeting, Events events);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void open();
  void send(const BatchPtr& batch, Answered answered);
  // A command whose answer, if any, is a push message: SUBSCRIBE and its relatives.
  void send_unanswered(const Command& command);
  void close(const std::exception_ptr& why);
  // For Batch: its time is over.
  void late(const Batch& batch);

  bool ready() const { return ready_ && !closed_; }
  bool closed() const { return closed_; }
  std::size_t in_flight() const { return in_flight_.size(); }
  std::size_t unsent_bytes() const { return unsent_.size(); }
  const Address& address() const { return address_; }

 private:
  struct Sent {
    BatchPtr batch;
    std::size_t expected = 0, skipped = 0;
    std::vector<Reply> replies;
    Answered answered;
    Clock::time_point at;
    bool begun = false;
  };

  void greet();
  void check_greeting(const std::vector<Reply>& replies);
  void ping();
  void read();
  void take(Reply reply);
  void write();
  void watch();
  void fail(const std::string& what);
  std::string explained(const std::string& what) const;

  Core& core_;
  const Address address_;
  const Greeting greeting_;
  Events events_;
  Stream stream_;
  asio::steady_timer opening_, watching_;
  Clock::time_point watched_until_ = Clock::time_point::max();
  Clock::time_point last_heard_ = Clock::now();
  RespReader reader_;
  std::vector<char> buffer_;
  std::string unsent_, writing_;
  std::deque<Sent> in_flight_;
  bool connected_ = false, ready_ = false, closed_ = false, counted_ = false;
};

using ConnectionPtr = std::shared_ptr<Connection>;

}  // namespace odordiff::fleet::redis
