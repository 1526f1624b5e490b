#include "fleet/redis/batch.h"

#include "fleet/redis/connection.h"
#include "fleet/redis/resp_reader.h"

namespace odordiff::fleet::redis {
namespace {

CallOptions with_timeout(CallOptions options, const Core& core) {
  if (options.timeout.count() <= 0) options.timeout = core.options.command_timeout;
  return options;
}

std::string encoded(const std::vector<Command>& commands) {
  std::string out;
  for (const auto& command : commands) {
    if (command.empty()) throw InvalidInput("a Redis command begins with its name, and this one is empty");
    append_command(out, command);
  }
  return out;
}

void count(observe::Counter* counter) {
  if (counter != nullptr) counter->add();
}

}  // namespace

Batch::Batch(Core& core, std::vector<Command> given, CallOptions given_options, Done done)
    : commands(std::move(given)),
      options(with_timeout(given_options, core)),
      bytes(encoded(commands)),
      core_(core),
      done_(std::move(done)),
      timer_(core.io) {}

Batch::~Batch() {
  if (alive()) done_({}, std::make_exception_ptr(Cancelled("the Redis client is closing")));
}

void Batch::start() {
  timer_.expires_at(begun_ + options.timeout);
  timer_.async_wait([self = shared_from_this()](const ErrorCode& error) {
    if (!error) self->expire();
  });
}

void Batch::finish(std::vector<Reply> replies) {
  if (!alive()) return;
  timer_.cancel();
  const bool refused = replies.back().is_error();
  count(refused ? core_.metrics.refused : core_.metrics.ok);
  if (core_.metrics.seconds != nullptr) {
    core_.metrics.seconds->observe(std::chrono::duration<double>(Clock::now() - begun_).count());
  }
  std::exchange(done_, nullptr)(std::move(replies), nullptr);
}

void Batch::fail(std::exception_ptr error) {
  if (!alive()) return;
  timer_.cancel();
  count(core_.metrics.unavailable);
  std::exchange(done_, nullptr)({}, std::move(error));
}

void Batch::expire() {
  if (!alive()) return;
  count(core_.metrics.late);
  const std::string limit = std::to_string(options.timeout.count()) + " ms";
  const std::string why = core_.trouble.empty() ? "" : "; the last trouble: " + core_.trouble;
  const auto done = std::exchange(done_, nullptr);
  const auto connection = carrier.lock();
  if (sent) {
    done({}, std::make_exception_ptr(UnknownFate("Redis did not answer " + commands.front().front() +
                                                 " within " + limit +
                                                 ", and it is not known whether it was carried out" + why)));
  } else {
    done({}, std::make_exception_ptr(Unavailable("there was no connection to Redis within " + limit + why)));
  }
  if (connection) connection->late(*this);
}

const Reply* Batch::refusal(const std::vector<Reply>& replies, std::string_view code) {
  for (const auto& reply : replies) {
    if (reply.is_error() && reply.text.starts_with(code) &&
        (reply.text.size() == code.size() || reply.text[code.size()] == ' ')) {
      // In a transaction the others only stand in line until EXEC, which then does nothing.
      const bool none = replies.size() == 1 || replies.back().is_error();
      return none ? &reply : nullptr;
    }
  }
  return nullptr;
}

}  // namespace odordiff::fleet::redis
