#include "fleet/redis/channels.h"

#include <algorithm>
#include <set>

#include "fleet/redis/breaker.h"

namespace odordiff::fleet::redis {
namespace {

// A subscriber hears nothing for long, so whether its server lives is asked more often than elsewhere.
constexpr std::chrono::milliseconds kHealthInterval{2000};

}  // namespace

void Channels::add(const std::shared_ptr<Listener>& listener) {
  if (stopped_ || listener->ended) return;
  listeners_.push_back(listener);
  if (connection_ && connection_->ready()) {
    subscribe(listener->channels, {listener});
  } else {
    connect();
  }
}

void Channels::remove(const std::shared_ptr<Listener>& listener) {
  std::erase(listeners_, listener);
  if (!connection_ || !connection_->ready()) return;
  if (listeners_.empty()) {
    const ConnectionPtr last = connection_;
    return last->close(std::make_exception_ptr(Unavailable("nobody listens any more")));
  }
  Command command = {"UNSUBSCRIBE"};
  for (const auto& channel : listener->channels) {
    if (!wanted(channel)) command.push_back(channel);
  }
  if (command.size() > 1) connection_->send_unanswered(command);
}

bool Channels::wanted(const std::string& channel) const {
  return std::ranges::any_of(listeners_, [&](const auto& listener) {
    return std::ranges::find(listener->channels, channel) != listener->channels.end();
  });
}

void Channels::move() {
  if (const ConnectionPtr now = connection_) {
    now->close(std::make_exception_ptr(Unavailable("another server is the primary now")));
  }
}

void Channels::stop(const std::exception_ptr& why) {
  stopped_ = true;
  listeners_.clear();
  if (const ConnectionPtr now = connection_) now->close(why);
}

void Channels::connect() {
  if (stopped_ || connection_ || locating_ || pausing_ || listeners_.empty()) return;
  locating_ = true;
  router_.locate(-1, [weak = weak_from_this()](const std::exception_ptr& error, const Address& address) {
    const auto self = weak.lock();
    if (!self || self->stopped_) return;
    self->locating_ = false;
    if (!error) return self->open(address);
    self->retry_later();
  });
}

void Channels::open(const Address& address) {
  Connection::Greeting greeting = data_greeting(core_.options);
  greeting.health_interval = std::min(core_.options.health_interval, kHealthInterval);
  const auto weak = weak_from_this();
  Connection::Events events;
  events.ready = [weak] {
    const auto self = weak.lock();
    if (!self) return;
    std::set<std::string> all;
    for (const auto& listener : self->listeners_)
      all.insert(listener->channels.begin(), listener->channels.end());
    self->subscribe({all.begin(), all.end()}, self->listeners_);
  };
  events.closed = [weak](const std::exception_ptr& why) {
    if (const auto self = weak.lock()) self->on_closed(why);
  };
  events.push = [weak](const Reply& message) {
    if (const auto self = weak.lock()) self->on_push(message);
  };
  connection_ = std::make_shared<Connection>(core_, address, std::move(greeting), std::move(events));
  connection_->open();
}

// The answer to a PING comes behind the confirmations, and an error in their place.
void Channels::subscribe(std::vector<std::string> channels,
                         const std::vector<std::shared_ptr<Listener>>& whom) {
  if (channels.empty()) return;
  channels.insert(channels.begin(), "SUBSCRIBE");
  connection_->send_unanswered(channels);
  const auto ping = std::make_shared<Batch>(core_, std::vector<Command>{{"PING"}}, CallOptions{},
                                            [](const auto&, const auto&) {});
  connection_->send(ping, [weak = weak_from_this(), whom](const BatchPtr&, const std::vector<Reply>& replies,
                                                          const std::exception_ptr& lost, bool) {
    const auto self = weak.lock();
    if (!self || lost) return;
    if (replies.front().is_error()) {
      const ConnectionPtr refused = self->connection_;
      return refused->close(std::make_exception_ptr(
          Refused(error_code(replies.front().text),
                  "Redis refused a subscription: " + quote_for_message(replies.front().text, 200))));
    }
    self->attempts_ = 0;
    for (const auto& listener : whom) {
      const bool first = !std::exchange(listener->told_ready, true);
      listener->tell([&](const Subscriber& calls) {
        const auto& call = first ? calls.ready : calls.gap;
        if (call) call();
      });
    }
  });
}

void Channels::on_push(const Reply& message) {
  if (message.items.size() != 3 || message.items[0].text != "message") return;
  const std::string& channel = message.items[1].text;
  const auto listeners = listeners_;  // a call may end one
  for (const auto& listener : listeners) {
    if (std::ranges::find(listener->channels, channel) == listener->channels.end()) continue;
    listener->tell([&](const Subscriber& calls) { calls.message(channel, message.items[2].text); });
  }
}

void Channels::on_closed(const std::exception_ptr& why) {
  const std::string server = connection_ ? connection_->address().text() : "";
  connection_.reset();
  if (stopped_ || listeners_.empty()) return;
  if (attempts_ == 0) {
    core_.log(observe::Level::Warning, "the subscription to Redis was lost", server, message_of(why));
    ++attempts_;
    return connect();
  }
  retry_later();
}

void Channels::retry_later() {
  if (pausing_ || stopped_) return;
  pausing_ = true;
  ++attempts_;
  core_.after(backoff(attempts_, core_.options.retry_first, core_.options.retry_most, core_.chance()),
              [weak = weak_from_this()] {
                const auto self = weak.lock();
                if (!self) return;
                self->pausing_ = false;
                self->connect();
              });
}

}  // namespace odordiff::fleet::redis
