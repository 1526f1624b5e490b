// One call: the commands that go to the server in one piece, how long that may take, and whom to tell.
#pragma once

#include <vector>

#include "fleet/redis/core.h"

namespace odordiff::fleet::redis {

class Connection;

class Batch : public std::enable_shared_from_this<Batch> {
 public:
  // One reply for each command, or an error.
  using Done = std::function<void(std::vector<Reply> replies, std::exception_ptr error)>;

  // From any thread. Throws InvalidInput for an empty command.
  Batch(Core& core, std::vector<Command> given, CallOptions given_options, Done done);

  // Whom nobody told is told Cancelled.
  ~Batch();

  // Begins to count the time.
  void start();

  // These end it; only the first one counts.
  void finish(std::vector<Reply> replies);
  void fail(std::exception_ptr error);

  bool alive() const { return done_ != nullptr; }
  // Whether a reply says that the server did not do it, whatever its other replies: with this code.
  static const Reply* refusal(const std::vector<Reply>& replies, std::string_view code);

  const std::vector<Command> commands;
  const CallOptions options;
  const std::string bytes;  // as they are sent

  int slot = -1;           // of a cluster
  std::size_t lane = 0;    // which of the shared connections it prefers
  bool exclusive = false;  // alone on its connection
  bool asking = false;     // the next server is to be told that another one sent us
  bool sent = false;       // at some time, so that it may have been carried out
  int redirects = 0;
  std::weak_ptr<Connection> carrier;  // that it was sent on

 private:
  void expire();

  Core& core_;
  Done done_;
  const Clock::time_point begun_ = Clock::now();
  asio::steady_timer timer_;
};

using BatchPtr = std::shared_ptr<Batch>;

}  // namespace odordiff::fleet::redis
