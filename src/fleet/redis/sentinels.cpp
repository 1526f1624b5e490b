#include "fleet/redis/sentinels.h"

#include <algorithm>
#include <charconv>

#include "fleet/redis/breaker.h"

namespace odordiff::fleet::redis {
namespace {

std::optional<Address> address_of(const std::string& host, const std::string& port) {
  Address out{host, 0};
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
  if (host.empty() || error != std::errc{} || end != port.data() + port.size() || out.port == 0)
    return std::nullopt;
  return out;
}

// A map, or RESP2's list of names and values.
const std::string* field(const Reply& record, std::string_view name) {
  for (std::size_t i = 0; i + 1 < record.items.size(); i += 2) {
    if (record.items[i].text == name) return &record.items[i + 1].text;
  }
  return nullptr;
}

std::vector<std::string> words(const std::string& text) {
  std::vector<std::string> out(1);
  for (const char c : text) {
    if (c == ' ') {
      out.emplace_back();
    } else {
      out.back() += c;
    }
  }
  return out;
}

constexpr std::size_t kMostKnown = 64;

}  // namespace

Sentinels::Sentinels(Core& core, Switched switched)
    : core_(core), switched_(std::move(switched)), known_(core.options.addresses) {}

void Sentinels::start() {
  try_next();
}

void Sentinels::stop(const std::exception_ptr& why) {
  stopped_ = true;
  if (const auto connection = connection_) connection->close(why);
  for (const auto& located : std::exchange(asking_, {})) located(why, {});
}

void Sentinels::locate(Located located) {
  asking_.push_back(std::move(located));
  if (stopped_) return fail_all();
  if (connection_ && connection_->ready()) {
    if (!asked_) ask();
  } else if (!connection_) {
    pausing_ = false;  // somebody waits: no more pause
    try_next();
  }
}

void Sentinels::doubt() {
  if (known_.size() < 2) return;
  if (const ConnectionPtr doubted = connection_) {
    doubted->close(std::make_exception_ptr(Unavailable("where it sends us is no primary")));
  }
}

void Sentinels::try_next() {
  if (stopped_ || connection_ || pausing_) return;
  Connection::Greeting greeting;
  greeting.user = core_.options.sentinel_user;
  greeting.password = core_.options.sentinel_password;
  greeting.health_interval = std::min(core_.options.health_interval, std::chrono::milliseconds(5000));
  const auto weak = weak_from_this();
  Connection::Events events;
  events.ready = [weak] {
    const auto self = weak.lock();
    if (!self) return;
    // First the news, then the question, so that no change falls between.
    self->connection_->send_unanswered({"SUBSCRIBE", "+switch-master"});
    self->ask();
  };
  events.closed = [weak](const std::exception_ptr& why) {
    if (const auto self = weak.lock()) self->on_closed(why);
  };
  events.push = [weak](const Reply& message) {
    if (const auto self = weak.lock()) self->on_message(message);
  };
  connection_ = std::make_shared<Connection>(core_, known_.front(), greeting, std::move(events));
  connection_->open();
}

void Sentinels::ask() {
  asked_ = true;
  const std::string& name = core_.options.master_name;
  const auto batch = std::make_shared<Batch>(
      core_,
      std::vector<Command>{{"SENTINEL", "GET-MASTER-ADDR-BY-NAME", name}, {"SENTINEL", "SENTINELS", name}},
      CallOptions{}, [](const auto&, const auto&) {});
  connection_->send(batch, [weak = weak_from_this()](const BatchPtr&, const std::vector<Reply>& replies,
                                                     const std::exception_ptr& lost, bool) {
    const auto self = weak.lock();
    if (self && !lost) self->on_answer(replies);
  });
}

void Sentinels::on_answer(const std::vector<Reply>& replies) {
  asked_ = false;
  const Reply& place = replies.front();
  if (place.items.size() == 2) {
    if (const auto primary = address_of(place.items[0].text, place.items[1].text)) {
      tried_ = 0;
      rounds_ = 0;
      learn(replies.back());
      return answer_all(*primary);
    }
  }
  const std::string name = quote_for_message(core_.options.master_name);
  const auto connection = connection_;
  connection->close(std::make_exception_ptr(Unavailable(
      "the sentinel at " + connection->address().text() +
      (place.is_error()
           ? " refused: " + quote_for_message(place.text, 200)
           : " watches over no primary " + name + "; the name stands in its 'sentinel monitor'"))));
}

void Sentinels::learn(const Reply& others) {
  for (const auto& record : others.items) {
    const std::string* host = field(record, "ip");
    const std::string* port = field(record, "port");
    if (host == nullptr || port == nullptr || known_.size() >= kMostKnown) continue;
    const auto address = address_of(*host, *port);
    if (address && std::ranges::find(known_, *address) == known_.end()) known_.push_back(*address);
  }
}

// "mymaster OLD-HOST OLD-PORT NEW-HOST NEW-PORT"
void Sentinels::on_message(const Reply& message) {
  if (message.items.size() != 3 || message.items[0].text != "message") return;
  const auto parts = words(message.items[2].text);
  if (parts.size() != 5 || parts[0] != core_.options.master_name) return;
  if (const auto primary = address_of(parts[3], parts[4])) switched_(*primary);
}

void Sentinels::on_closed(const std::exception_ptr& why) {
  connection_.reset();
  asked_ = false;
  if (stopped_) return;
  trouble_ = message_of(why);
  std::rotate(known_.begin(), known_.begin() + 1, known_.end());
  if (++tried_ < known_.size()) return try_next();
  tried_ = 0;
  ++rounds_;
  pausing_ = true;
  core_.after(backoff(rounds_, core_.options.retry_first, core_.options.retry_most, core_.chance()),
              [weak = weak_from_this()] {
                const auto self = weak.lock();
                if (!self) return;
                self->pausing_ = false;
                self->try_next();
              });
  fail_all();
}

void Sentinels::fail_all() {
  const auto error =
      std::make_exception_ptr(Unavailable("none of the " + std::to_string(known_.size()) +
                                          " sentinels says where the primary is; the last: " + trouble_));
  for (const auto& located : std::exchange(asking_, {})) located(error, {});
}

void Sentinels::answer_all(const Address& address) {
  for (const auto& located : std::exchange(asking_, {})) located(nullptr, address);
}

}  // namespace odordiff::fleet::redis
