// A client of Redis: one server, a primary that sentinels watch over, or a cluster.
#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fleet/redis/errors.h"
#include "fleet/redis/options.h"
#include "fleet/redis/reply.h"
#include "observe/log.h"
#include "observe/metrics.h"

namespace odordiff::fleet::redis {

using Command = std::vector<std::string>;

// What to do with a command that was sent and whose answer was lost with the connection. Never: the caller
// gets UnknownFate. Safe: it may be carried out twice, so it is sent again, until its time is over. What was
// surely not carried out is sent again either way.
enum class Retry { Never, Safe };

struct CallOptions {
  std::chrono::milliseconds timeout{0};  // over all; 0: Options::command_timeout
  Retry retry = Retry::Never;
};

// Either a reply, which is no Error, or why there is none.
struct Outcome {
  Reply reply;
  std::exception_ptr error;

  // The reply; throws the error.
  Reply&& value() && {
    if (error) std::rethrow_exception(error);
    return std::move(reply);
  }
};

// A script by its text and the digest that EVALSHA wants.
struct Script {
  explicit Script(std::string lua);
  const std::string source;
  const std::string sha1;
};

// Open: calls fail at once, and one connection after another tries whether the server is back. HalfOpen: it
// answers again, and is being asked for more than a greeting.
enum class BreakerState { Closed, HalfOpen, Open };

struct ClientStatus {
  bool ready = false;  // a command that comes now can be sent at once
  BreakerState breaker = BreakerState::Closed;
  std::string server;   // "host:port" of the primary; of a cluster: "N nodes"
  std::string trouble;  // what went wrong last; empty while ready
  std::size_t connections = 0;
  std::uint64_t reconnects = 0;
  std::uint64_t failovers = 0;  // times that the primary became another one
};

// Called on the client's own thread, which serves everybody: they must neither block nor throw. A gap means
// that messages may have been missed since the last one; the channels are subscribed to again by then.
struct Subscriber {
  std::function<void(std::string_view channel, std::string_view payload)> message;
  std::function<void()> ready = {};  // the first subscription stands
  std::function<void()> gap = {};
};

// Ends its subscription when it goes. After that nothing is called, unless a call is under way already. May
// outlive the client.
class Subscription {
 public:
  Subscription() = default;
  explicit Subscription(std::shared_ptr<void> held) : held_(std::move(held)) {}
  void end() { held_.reset(); }

 private:
  std::shared_ptr<void> held_;
};

// Making one connects to nothing; it begins at once to try, on a thread of its own, and goes on trying as
// long as it lives. Commands wait for the connection until their time is over, but while the breaker is open
// they fail at once. Safe to use from many threads; commands that one thread sends keep their order, to each
// server.
//
// Errors are those of errors.h. REQUIRES: no call is under way when it is destroyed; callbacks that are still
// due get Cancelled before the destructor returns.
class Client {
 public:
  // What is counted goes to the registry, which must outlive the client; what happens to connections to the
  // logger. Either may be null. Throws InvalidInput for options that cannot be, and Unavailable for files of
  // TLS that cannot be read.
  explicit Client(Options options, observe::Registry* registry = nullptr, observe::Logger* logger = nullptr);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // `done` is called once, on the client's thread; it must neither block nor throw.
  void send(Command command, CallOptions options, std::function<void(Outcome)> done);

  // These block, and throw; not to be called on the client's thread (from callbacks).
  Reply command(Command command, CallOptions options = {});

  // Sent together, in this order; of a cluster, to each server its own. Errors of single commands stand in
  // their replies; throws the first one that is none of the server's words.
  std::vector<Reply> pipeline(std::vector<Command> commands, CallOptions options = {});

  // All or nothing (MULTI, EXEC); the replies of the commands. Throws Refused where one of them cannot be,
  // and then none is carried out; what fails while it is carried out stands in its reply.
  std::vector<Reply> transaction(std::vector<Command> commands, CallOptions options = {});

  // By its digest, and by its text where the server does not know it yet.
  Reply eval(const Script& script, const std::vector<std::string>& keys,
             const std::vector<std::string>& arguments, CallOptions options = {});
  void send_eval(std::shared_ptr<const Script> script, std::vector<std::string> keys,
                 std::vector<std::string> arguments, CallOptions options, std::function<void(Outcome)> done);

  // For commands that wait at the server (BLPOP, BRPOP, BLMOVE, XREAD BLOCK …): on a connection of its own
  // out of at most Options::max_blocking; Overloaded where all are taken until the time is over. `timeout`
  // must be longer than the command's own.
  Reply blocking(Command command, CallOptions options);
  void send_blocking(Command command, CallOptions options, std::function<void(Outcome)> done);

  // Messages of these channels, from when `ready` is called.
  Subscription subscribe(std::vector<std::string> channels, Subscriber subscriber);

  ClientStatus status() const;
  const Options& options() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace odordiff::fleet::redis
