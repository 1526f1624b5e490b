#include "fleet/redis/connection.h"

namespace odordiff::fleet::redis {
namespace {

constexpr std::size_t kReadBytes = std::size_t{32} << 10U;

}  // namespace

Connection::Connection(Core& core, Address address, Greeting greeting, Events events)
    : core_(core),
      address_(std::move(address)),
      greeting_(std::move(greeting)),
      events_(std::move(events)),
      stream_(core),
      opening_(core.io),
      watching_(core.io),
      buffer_(kReadBytes) {}

Connection::~Connection() = default;

std::string Connection::explained(const std::string& what) const {
  return "Redis at " + address_.text() + ": " + what;
}

void Connection::fail(const std::string& what) {
  close(std::make_exception_ptr(Unavailable(explained(what))));
}

void Connection::open() {
  const auto self = shared_from_this();
  opening_.expires_after(core_.options.connect_timeout);
  opening_.async_wait([self](const ErrorCode& error) {
    if (error || self->ready_ || self->closed_) return;
    const std::string limit = std::to_string(self->core_.options.connect_timeout.count()) + " ms";
    std::string what = "no connection within " + limit;
    if (self->connected_) {
      what =
          "it took the connection and did not greet within " + limit + "; it may hang, or be no Redis server";
    } else if (self->stream_.reached()) {
      what = "TLS was not agreed on within " + limit +
             "; it may not speak TLS: then the URL begins with redis://";
    }
    self->fail(what);
  });
  stream_.connect(address_, [self](const std::string& error) {
    if (self->closed_) return;
    if (!error.empty()) return self->fail(error);
    self->connected_ = true;
    self->counted_ = true;
    ++self->core_.connections;
    if (self->core_.metrics.connections != nullptr) self->core_.metrics.connections->add(1);
    self->read();
    self->greet();
  });
}

void Connection::greet() {
  Command hello = {"HELLO", "3"};
  if (!greeting_.password.empty()) {
    hello.insert(hello.end(),
                 {"AUTH", greeting_.user.empty() ? "default" : greeting_.user, greeting_.password});
  }
  hello.insert(hello.end(), {"SETNAME", core_.options.client_name});
  std::vector<Command> commands = {std::move(hello)};
  if (greeting_.database != 0) commands.push_back({"SELECT", std::to_string(greeting_.database)});
  commands.push_back({"PING"});
  const auto batch =
      std::make_shared<Batch>(core_, std::move(commands), CallOptions{core_.options.connect_timeout},
                              [](const auto&, const auto&) {});
  const auto weak = weak_from_this();
  send(batch,
       [weak](const BatchPtr&, const std::vector<Reply>& replies, const std::exception_ptr& lost, bool) {
         const auto self = weak.lock();
         if (self && !lost) self->check_greeting(replies);
       });
}

void Connection::check_greeting(const std::vector<Reply>& replies) {
  for (const Reply& reply : replies) {
    if (!reply.is_error()) continue;
    const std::string code = error_code(reply.text);
    if (code == "NOPERM" && &reply == &replies.back()) continue;  // it may not PING, and did answer
    if (code == "ERR" && reply.text.find("unknown command") != std::string::npos) {
      return fail("it does not know HELLO, so it is older than Redis 6, the oldest that we speak to");
    }
    try {
      throw_refused(reply.text);
    } catch (const Error& error) {
      return fail(error.what());
    }
  }
  const Reply* role = replies.front().find("role");
  const Reply* protocol = replies.front().find("proto");
  if (protocol == nullptr || protocol->integer != 3)
    return fail("its greeting is not that of a Redis server");
  if (greeting_.primary && (role == nullptr || role->text != "master")) {
    return fail("it is no longer the primary");
  }
  opening_.cancel();
  ready_ = true;
  if (events_.ready) events_.ready();
}

void Connection::send(const BatchPtr& batch, Answered answered) {
  if (closed_)
    return answered(batch, {}, std::make_exception_ptr(Unavailable(explained("it is closed"))), false);
  Sent entry;
  entry.batch = batch;
  entry.expected = batch->commands.size();
  if (batch->asking) {
    append_command(unsent_, {"ASKING"});
    entry.skipped = 1;
    ++entry.expected;
    batch->asking = false;
  }
  entry.answered = std::move(answered);
  entry.at = Clock::now();
  unsent_ += batch->bytes;
  batch->carrier = weak_from_this();
  in_flight_.push_back(std::move(entry));
  write();
  watch();
}

void Connection::send_unanswered(const Command& command) {
  if (closed_) return;
  append_command(unsent_, command);
  write();
}

void Connection::write() {
  if (!writing_.empty() || unsent_.empty() || closed_) return;
  writing_.swap(unsent_);
  for (auto entry = in_flight_.rbegin(); entry != in_flight_.rend() && !entry->begun; ++entry) {
    entry->begun = true;
    entry->batch->sent = true;
  }
  stream_.write(asio::buffer(writing_), [self = shared_from_this()](const ErrorCode& error, std::size_t) {
    if (self->closed_) return;
    if (error) return self->fail(self->stream_.trouble(error, self->ready_));
    self->writing_.clear();
    self->write();
  });
}

void Connection::read() {
  stream_.read_some(
      asio::buffer(buffer_), [self = shared_from_this()](const ErrorCode& error, std::size_t bytes) {
        if (self->closed_) return;
        if (error) return self->fail(self->stream_.trouble(error, self->ready_));
        self->last_heard_ = Clock::now();
        try {
          self->reader_.feed({self->buffer_.data(), bytes});
          while (!self->closed_) {
            auto reply = self->reader_.next();
            if (!reply) break;
            self->take(std::move(*reply));
          }
        } catch (const ProtocolError& broken) {
          return self->close(std::make_exception_ptr(ProtocolError(self->explained(broken.what()))));
        }
        if (!self->closed_) self->read();
      });
}

void Connection::take(Reply reply) {
  if (reply.kind == Reply::Kind::Push) {
    if (events_.push) events_.push(reply);
    return;
  }
  if (in_flight_.empty()) throw ProtocolError("an answer came that nobody had asked for");
  Sent& front = in_flight_.front();
  if (front.skipped > 0) {
    --front.skipped;
    --front.expected;
    return;
  }
  front.replies.push_back(std::move(reply));
  if (front.replies.size() < front.expected) return;
  Sent whole = std::move(front);
  in_flight_.pop_front();
  whole.answered(whole.batch, std::move(whole.replies), nullptr, true);
}

// Fires when the oldest answer is overdue and nothing else was heard meanwhile, or, at rest, when it is time
// to ask whether the server lives.
void Connection::watch() {
  if (closed_) return;
  Clock::time_point due = last_heard_ + greeting_.health_interval;
  if (!in_flight_.empty()) {
    const Sent& oldest = in_flight_.front();
    due = std::max(last_heard_, oldest.at) +
          std::max(core_.options.command_timeout, oldest.batch->options.timeout);
  }
  if (due >= watched_until_) return;
  watched_until_ = due;
  watching_.expires_at(due);
  watching_.async_wait([weak = weak_from_this()](const ErrorCode& error) {
    const auto self = weak.lock();
    if (error || !self || self->closed_) return;
    self->watched_until_ = Clock::time_point::max();
    const auto now = Clock::now();
    if (!self->in_flight_.empty()) {
      const Sent& oldest = self->in_flight_.front();
      const auto patience = std::max(self->core_.options.command_timeout, oldest.batch->options.timeout);
      if (now >= std::max(self->last_heard_, oldest.at) + patience) {
        return self->fail("it has been silent for " + std::to_string(patience.count()) +
                          " ms while answers were due; it hangs, or the network does");
      }
    } else if (now >= self->last_heard_ + self->greeting_.health_interval) {
      self->ping();
    }
    self->watch();
  });
}

void Connection::ping() {
  const auto batch = std::make_shared<Batch>(core_, std::vector<Command>{{"PING"}}, CallOptions{},
                                             [](const auto&, const auto&) {});
  send(batch, [](const auto&...) {});
}

void Connection::late(const Batch& batch) {
  if (closed_) return;
  if (events_.late) events_.late();
  // What comes for a command that waited must not be taken by nobody.
  if (batch.exclusive) fail("a command that waits was given up");
}

void Connection::close(const std::exception_ptr& why) {
  if (closed_) return;
  closed_ = true;
  const auto self = shared_from_this();
  opening_.cancel();
  watching_.cancel();
  stream_.close();
  if (counted_) {
    --core_.connections;
    if (core_.metrics.connections != nullptr) core_.metrics.connections->add(-1);
  }
  Events events = std::move(events_);
  events_ = {};
  std::deque<Sent> lost;
  lost.swap(in_flight_);
  // The owner first, so that what is sent again goes elsewhere.
  if (events.closed) events.closed(why);
  for (auto& entry : lost) entry.answered(entry.batch, {}, why, entry.begun);
}

}  // namespace odordiff::fleet::redis
