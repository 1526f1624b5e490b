#include "fleet/redis/blocking_pool.h"

#include <algorithm>

namespace odordiff::fleet::redis {
namespace {

constexpr std::size_t kMostIdle = 4;

}  // namespace

void BlockingPool::submit(const BatchPtr& batch) {
  if (!batch->alive()) return;
  if (stopped_) return batch->fail(std::make_exception_ptr(Cancelled("the Redis client is closing")));
  router_.locate(batch->slot,
                 [weak = weak_from_this(), batch](const std::exception_ptr& error, const Address& address) {
                   const auto self = weak.lock();
                   if (!self) return;
                   if (error) return batch->fail(error);
                   self->run(batch, address);
                 });
}

void BlockingPool::run(const BatchPtr& batch, const Address& address) {
  if (!batch->alive()) return;
  const auto known =
      std::ranges::find_if(idle_, [&](const auto& idle) { return idle->address() == address; });
  if (known != idle_.end()) {
    const ConnectionPtr connection = *known;
    idle_.erase(known);
    return send(connection, batch);
  }
  if (all_.size() >= core_.options.max_blocking && !idle_.empty()) {
    // One that leads elsewhere makes room.
    const ConnectionPtr oldest = idle_.front();
    oldest->close(std::make_exception_ptr(Unavailable("it is needed elsewhere")));
  }
  if (all_.size() >= core_.options.max_blocking) {
    std::erase_if(waiting_, [](const BatchPtr& waiting) { return !waiting->alive(); });
    if (waiting_.size() >= core_.options.max_waiting) {
      return batch->fail(std::make_exception_ptr(
          Overloaded(std::to_string(waiting_.size()) + " commands wait for one of the " +
                     std::to_string(core_.options.max_blocking) + " connections for commands that block")));
    }
    waiting_.push_back(batch);
    return;
  }
  const auto weak = weak_from_this();
  const auto made = std::make_shared<std::weak_ptr<Connection>>();
  const auto raw = std::make_shared<const Connection*>(nullptr);
  Connection::Events events;
  events.ready = [weak, made, batch] {
    const auto self = weak.lock();
    const auto connection = made->lock();
    if (!self || !connection) return;
    if (batch->alive()) {
      self->send(connection, batch);
    } else {
      self->release(connection);
    }
  };
  events.closed = [weak, raw, batch](const std::exception_ptr& why) {
    if (const auto self = weak.lock()) self->on_closed(*raw, batch, why);
  };
  const auto connection =
      std::make_shared<Connection>(core_, address, data_greeting(core_.options), std::move(events));
  *made = connection;
  *raw = connection.get();
  all_.push_back(connection);
  connection->open();
}

void BlockingPool::send(const ConnectionPtr& connection, const BatchPtr& batch) {
  connection->send(
      batch, [weak = weak_from_this(), alive = std::weak_ptr(connection)](
                 const BatchPtr& sent, std::vector<Reply> replies, const std::exception_ptr& lost, bool) {
        if (lost) {
          sent->fail(std::make_exception_ptr(
              UnknownFate("the connection was lost while " + sent->commands.front().front() +
                          " waited; whether it took something is not known: " + message_of(lost))));
          return;
        }
        const auto self = weak.lock();
        const auto back = alive.lock();
        if (self && back) self->release(back);
        sent->finish(std::move(replies));
      });
}

void BlockingPool::on_closed(const Connection* connection, const BatchPtr& first,
                             const std::exception_ptr& why) {
  const auto is_it = [&](const ConnectionPtr& known) { return known.get() == connection; };
  std::erase_if(all_, is_it);
  std::erase_if(idle_, is_it);
  // It never came to be sent; what was sent has heard by itself.
  if (!first->sent) first->fail(why);
  next();
}

void BlockingPool::release(const ConnectionPtr& connection) {
  if (connection->closed()) return;
  idle_.push_back(connection);
  next();
  if (idle_.size() > kMostIdle) {
    const ConnectionPtr oldest = idle_.front();
    oldest->close(std::make_exception_ptr(Unavailable("it is no longer needed")));
  }
}

void BlockingPool::next() {
  while (!waiting_.empty()) {
    if (all_.size() >= core_.options.max_blocking && idle_.empty()) return;
    const BatchPtr batch = waiting_.front();
    waiting_.pop_front();
    if (!batch->alive()) continue;
    return submit(batch);
  }
}

void BlockingPool::stop(const std::exception_ptr& why) {
  stopped_ = true;
  for (const auto& connection : std::vector(all_)) connection->close(why);
  for (const auto& batch : std::exchange(waiting_, {})) batch->fail(why);
}

}  // namespace odordiff::fleet::redis
