#include "fleet/redis/node.h"

namespace odordiff::fleet::redis {

Node::Node(Core& core, Connection::Greeting greeting, Locate locate, Events events)
    : core_(core),
      greeting_(std::move(greeting)),
      locate_(std::move(locate)),
      events_(std::move(events)),
      slots_(std::max<std::size_t>(1, core.options.connections)),
      breaker_(core.options.breaker_failures) {
  for (std::size_t i = 0; i < slots_.size(); ++i) slots_[i].serving = i;
}

void Node::start() {
  maintain();
}

bool Node::ready() const {
  if (!breaker_.admits()) return false;
  return std::ranges::any_of(slots_,
                             [](const Slot& slot) { return slot.connection && slot.connection->ready(); });
}

std::exception_ptr Node::left_alone() const {
  return std::make_exception_ptr(Unavailable("Redis is not asked for the moment, after " +
                                             std::to_string(core_.options.breaker_failures) +
                                             " failures in a row; the last one: " + trouble_));
}

void Node::submit(const BatchPtr& batch) {
  if (!batch->alive()) return;
  if (stopped_) return batch->fail(std::make_exception_ptr(Cancelled("the Redis client is closing")));
  if (!breaker_.admits()) return batch->fail(left_alone());
  const std::size_t home = batch->lane % slots_.size();
  std::size_t& serving = slots_[home].serving;
  const auto usable = [this](std::size_t slot) {
    const auto& connection = slots_[slot].connection;
    return connection && connection->ready();
  };
  // A lane that another connection serves comes home when all is answered there, so that its order holds.
  if (!usable(serving) || slots_[serving].connection->in_flight() == 0) {
    serving = home;
    for (std::size_t i = 0; i < slots_.size() && !usable(serving); ++i) serving = (home + i) % slots_.size();
  }
  if (usable(serving)) return send(*slots_[serving].connection, batch);
  if (waiting_.size() >= core_.options.max_waiting) {
    std::erase_if(waiting_, [](const BatchPtr& waiting) { return !waiting->alive(); });
  }
  if (waiting_.size() >= core_.options.max_waiting) {
    return batch->fail(std::make_exception_ptr(
        Overloaded(std::to_string(waiting_.size()) + " commands wait for a connection to Redis already")));
  }
  waiting_.push_back(batch);
  maintain();
}

void Node::send(Connection& connection, const BatchPtr& batch) {
  if (connection.unsent_bytes() + batch->bytes.size() > core_.options.max_unsent_bytes &&
      connection.unsent_bytes() > 0) {
    return batch->fail(std::make_exception_ptr(Overloaded(
        "Redis takes commands more slowly than they come: " + std::to_string(connection.unsent_bytes()) +
        " bytes wait to be sent")));
  }
  connection.send(batch, [weak = weak_from_this()](const BatchPtr& sent, std::vector<Reply> replies,
                                                   const std::exception_ptr& lost, bool begun) {
    if (const auto self = weak.lock()) self->on_answer(sent, std::move(replies), lost, begun);
  });
}

void Node::on_answer(const BatchPtr& batch, std::vector<Reply> replies, const std::exception_ptr& lost,
                     bool begun) {
  if (!lost) {
    succeeded();
    if (!batch->alive()) return;
    if (events_.redirected && events_.redirected(batch, replies)) return;
    return batch->finish(std::move(replies));
  }
  if (stopped_) return batch->fail(lost);
  if (!begun || batch->options.retry == Retry::Safe) return submit(batch);
  batch->fail(std::make_exception_ptr(
      UnknownFate("it is not known whether " + batch->commands.front().front() +
                  " was carried out; the connection was lost before the answer: " + message_of(lost))));
}

// One connection is tried for at a time while there is none, so that a server that is down is not stormed.
void Node::maintain() {
  if (stopped_ || connecting_ || pausing_) return;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (!slots_[i].connection) return attempt(i);
  }
}

void Node::attempt(std::size_t slot) {
  connecting_ = true;
  breaker_.probe();
  locate_([weak = weak_from_this(), slot](const std::exception_ptr& error, const Address& address) {
    const auto self = weak.lock();
    if (!self || self->stopped_) return;
    if (!error) return self->connect(slot, address);
    self->connecting_ = false;
    self->failed(error);
    self->retry_later();
  });
}

void Node::connect(std::size_t slot, const Address& address) {
  shown_ = address.text();
  const auto weak = weak_from_this();
  Connection::Events events;
  events.ready = [weak, slot] {
    if (const auto self = weak.lock()) self->on_ready(slot);
  };
  events.closed = [weak, slot](const std::exception_ptr& why) {
    if (const auto self = weak.lock()) self->on_closed(slot, why);
  };
  events.late = [weak] {
    const auto self = weak.lock();
    if (!self) return;
    self->failed(
        std::make_exception_ptr(Unavailable("Redis at " + self->shown_ + " did not answer in time")));
    if (!self->breaker_.admits()) self->retry_later();
  };
  slots_[slot].was_ready = false;
  slots_[slot].connection = std::make_shared<Connection>(core_, address, greeting_, std::move(events));
  slots_[slot].connection->open();
}

void Node::on_ready(std::size_t slot) {
  connecting_ = false;
  if (attempts_ > 0) core_.log(observe::Level::Info, "Redis is reached again", shown_);
  attempts_ = 0;
  slots_[slot].was_ready = true;
  if (breaker_.admits()) {
    trouble_.clear();
    core_.trouble.clear();
    flush();
  } else {
    probe();
  }
  maintain();
}

void Node::on_closed(std::size_t slot, const std::exception_ptr& why) {
  const bool was_ready = slots_[slot].was_ready;
  slots_[slot].connection.reset();
  if (!was_ready) connecting_ = false;
  if (stopped_) return;
  if (was_ready) {
    ++core_.reconnects;
    if (core_.metrics.reconnects != nullptr) core_.metrics.reconnects->add();
  }
  if (moving_) return;
  failed(why);
  if (was_ready && attempts_ == 1) return maintain();  // at once, but for the first time only
  retry_later();
}

void Node::failed(const std::exception_ptr& why) {
  ++attempts_;
  trouble_ = message_of(why);
  core_.trouble = trouble_;
  if (attempts_ == 1) core_.log(observe::Level::Warning, "Redis has a trouble", shown_, trouble_);
  const bool was_closed = breaker_.admits();
  if (breaker_.failure() && was_closed) {
    if (core_.metrics.breakers_open != nullptr) core_.metrics.breakers_open->add(1);
    core_.log(observe::Level::Warning, "Redis is not asked until it answers again", shown_, trouble_);
  }
  if (!breaker_.admits()) {
    for (const auto& batch : take_waiting()) batch->fail(left_alone());
  }
  if (events_.lost) events_.lost();
}

void Node::succeeded() {
  if (!breaker_.admits()) {
    if (core_.metrics.breakers_open != nullptr) core_.metrics.breakers_open->add(-1);
    core_.log(observe::Level::Info, "Redis is asked again", shown_);
  }
  breaker_.success();
  attempts_ = 0;
  trouble_.clear();
  core_.trouble.clear();
  flush();
}

void Node::retry_later() {
  if (pausing_ || stopped_) return;
  pausing_ = true;
  const auto pause = backoff(attempts_, core_.options.retry_first, core_.options.retry_most, core_.chance());
  core_.after(pause, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    self->pausing_ = false;
    if (!self->breaker_.admits()) self->probe();
    self->maintain();
  });
}

// Asks for more than a greeting over a connection that stands.
void Node::probe() {
  for (const auto& slot : slots_) {
    if (!slot.connection || !slot.connection->ready()) continue;
    breaker_.probe();
    const auto ping = std::make_shared<Batch>(core_, std::vector<Command>{{"PING"}}, CallOptions{},
                                              [](const auto&, const auto&) {});
    ping->start();
    return send(*slot.connection, ping);
  }
}

void Node::flush() {
  for (const auto& batch : take_waiting()) submit(batch);
}

std::vector<BatchPtr> Node::take_waiting() {
  return std::exchange(waiting_, {});
}

void Node::relocate(const std::string& why) {
  if (stopped_) return;
  const auto reason = std::make_exception_ptr(Unavailable(why));
  moving_ = true;
  for (auto& slot : slots_) {
    // A copy: closing takes it out of its slot.
    if (const auto connection = slot.connection) connection->close(reason);
  }
  moving_ = false;
  maintain();
}

void Node::stop(const std::exception_ptr& why) {
  if (stopped_) return;
  stopped_ = true;
  for (auto& slot : slots_) {
    if (const auto connection = slot.connection) connection->close(why);
  }
  for (const auto& batch : take_waiting()) batch->fail(why);
}

}  // namespace odordiff::fleet::redis
