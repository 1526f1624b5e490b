#include "fleet/redis/cluster.h"

#include <algorithm>
#include <charconv>

namespace odordiff::fleet::redis {
namespace {

constexpr int kMostRedirects = 16;
constexpr std::chrono::milliseconds kSettling{
    50};  // before a map that may have changed is read, and what was put off

}  // namespace

void Cluster::start() {
  for (const auto& address : core_.options.addresses) member(address);
  refresh();
}

void Cluster::stop(const std::exception_ptr& why) {
  stopped_ = true;
  for (auto& [name, known] : members_) known.node->stop(why);
  for (const auto& batch : std::exchange(waiting_, {})) batch->fail(why);
  for (const auto& [slot, located] : std::exchange(locating_, {})) located(why, {});
}

Cluster::Member& Cluster::member(const Address& address) {
  Member& known = members_[address.text()];
  if (known.node) return known;
  const auto weak = weak_from_this();
  Node::Events events;
  events.redirected = [weak, address](const BatchPtr& batch, const std::vector<Reply>& replies) {
    const auto self = weak.lock();
    return self && self->redirected(address, batch, replies);
  };
  events.lost = [weak] {
    if (const auto self = weak.lock()) self->refresh_soon();
  };
  known.address = address;
  known.node = std::make_shared<Node>(
      core_, data_greeting(core_.options), [address](const Located& located) { located(nullptr, address); },
      std::move(events));
  return known;
}

// What has no slot goes to one after another.
Cluster::Member* Cluster::owner(int slot) {
  if (slot >= 0) return owners_[static_cast<std::size_t>(slot)];
  for (std::size_t i = 0; i < owning_.size(); ++i) {
    Member& next = members_.at(owning_[turn_++ % owning_.size()]);
    if (next.node->breaker() == BreakerState::Closed) return &next;
  }
  return owning_.empty() ? nullptr : &members_.at(owning_.front());
}

void Cluster::submit(const BatchPtr& batch) {
  if (!batch->alive()) return;
  if (stopped_) return batch->fail(std::make_exception_ptr(Cancelled("the Redis client is closing")));
  if (!mapped_) {
    if (failures_ >= core_.options.breaker_failures) {
      return batch->fail(std::make_exception_ptr(
          Unavailable("no node of the Redis cluster says which slots there are: " + core_.trouble)));
    }
    waiting_.push_back(batch);
    return;
  }
  Member* at = owner(batch->slot);
  if (at == nullptr) {
    refresh_soon();
    return submit_later(batch);
  }
  at->node->submit(batch);
}

void Cluster::submit_later(const BatchPtr& batch) {
  core_.after(kSettling, [weak = weak_from_this(), batch] {
    if (const auto self = weak.lock()) self->submit(batch);
  });
}

void Cluster::locate(int slot, Located located) {
  if (!mapped_) {
    if (failures_ > 0 || stopped_) {
      return located(
          std::make_exception_ptr(Unavailable("no node of the Redis cluster answers: " + core_.trouble)), {});
    }
    locating_.emplace_back(slot, std::move(located));
    return;
  }
  const Member* at = owner(slot);
  if (at == nullptr) {
    return located(std::make_exception_ptr(Unavailable("no node of the Redis cluster has this slot")), {});
  }
  located(nullptr, at->address);
}

bool Cluster::redirected(const Address& from, const BatchPtr& batch, const std::vector<Reply>& replies) {
  if (const Reply* moved_to = Batch::refusal(replies, "MOVED")) {
    follow(from, batch, moved_to->text, false);
    refresh_soon();
    return true;
  }
  if (const Reply* ask = Batch::refusal(replies, "ASK")) {
    follow(from, batch, ask->text, true);
    return true;
  }
  // A slot on its way, or a cluster between two primaries: nothing was done, and it will pass.
  if (Batch::refusal(replies, "TRYAGAIN") != nullptr || Batch::refusal(replies, "CLUSTERDOWN") != nullptr) {
    refresh_soon();
    submit_later(batch);
    return true;
  }
  return false;
}

// "MOVED 3999 host:port"; without a host, that of the server that says so.
void Cluster::follow(const Address& from, const BatchPtr& batch, const std::string& text, bool asking) {
  const auto space = text.rfind(' ');
  const auto colon = text.rfind(':');
  Address to{from.host, 0};
  if (space != std::string::npos && colon != std::string::npos && colon > space) {
    if (colon > space + 1) to.host = text.substr(space + 1, colon - space - 1);
    const char* end = text.data() + text.size();
    if (std::from_chars(text.data() + colon + 1, end, to.port).ptr != end) to.port = 0;
  }
  if (to.port == 0) {
    return batch->fail(std::make_exception_ptr(
        ProtocolError("a node of the Redis cluster sends us to nowhere: " + quote_for_message(text))));
  }
  if (++batch->redirects > kMostRedirects) {
    return batch->fail(std::make_exception_ptr(
        Unavailable("the nodes of the Redis cluster send a command around in circles; the last said " +
                    quote_for_message(text))));
  }
  batch->asking = asking;
  Member& at = member(to);
  if (!asking && batch->slot >= 0) owners_[static_cast<std::size_t>(batch->slot)] = &at;
  at.node->submit(batch);
}

void Cluster::refresh_soon() {
  if (due_ || stopped_) return;
  due_ = true;
  core_.after(kSettling, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    self->due_ = false;
    self->refresh();
  });
}

void Cluster::refresh() {
  if (reading_ || stopped_) return;
  reading_ = true;
  // One after another of all that are known, first those that seem to be well.
  std::vector<Member*> candidates;
  for (auto& [name, known] : members_) candidates.push_back(&known);
  std::ranges::stable_sort(candidates, {}, [](const Member* known) { return known->node->ready() ? 0 : 1; });
  const Member& asked = *candidates[failures_ == 0 ? 0 : turn_++ % candidates.size()];
  const auto weak = weak_from_this();
  const auto batch = std::make_shared<Batch>(
      core_, std::vector<Command>{{"CLUSTER", "SLOTS"}}, CallOptions{{}, Retry::Safe},
      [weak, from = asked.address](const std::vector<Reply>& replies, const std::exception_ptr& error) {
        const auto self = weak.lock();
        if (!self || self->stopped_) return;
        self->reading_ = false;
        if (!error && self->take_map(from, replies.front())) {
          self->failures_ = 0;
          return;
        }
        ++self->failures_;
        if (error) self->core_.trouble = message_of(error);
        if (self->failures_ >= self->core_.options.breaker_failures) {
          for (const auto& waiting : std::exchange(self->waiting_, {})) self->submit(waiting);
        }
        for (const auto& [slot, located] : std::exchange(self->locating_, {})) self->locate(slot, located);
        self->core_.after(backoff(self->failures_, self->core_.options.retry_first,
                                  self->core_.options.retry_most, self->core_.chance()),
                          [weak] {
                            if (const auto again = weak.lock()) again->refresh();
                          });
      });
  batch->start();
  asked.node->submit(batch);
}

// Items: first slot, last slot, primary [host, port, …], replicas.
bool Cluster::take_map(const Address& from, const Reply& slots) {
  if (slots.kind != Reply::Kind::Array) {
    core_.trouble = "Redis at " + from.text() +
                    " knows no slots, so it is no cluster; then the URL begins with redis:// (" +
                    quote_for_message(slots.text, 100) + ")";
    return false;
  }
  std::array<Member*, kSlots> owners{};
  std::vector<std::string> owning;
  for (const auto& range : slots.items) {
    if (range.items.size() < 3 || range.items[2].items.size() < 2) continue;
    const auto first = range.items[0].integer;
    const auto last = range.items[1].integer;
    const auto& place = range.items[2].items;
    const auto port = place[1].integer;
    if (first < 0 || last >= kSlots || first > last || port < 1 || port > 65535) continue;
    Member& primary =
        member({place[0].text.empty() ? from.host : place[0].text, static_cast<std::uint16_t>(port)});
    std::fill(owners.begin() + first, owners.begin() + last + 1, &primary);
    if (std::ranges::find(owning, primary.address.text()) == owning.end())
      owning.push_back(primary.address.text());
  }
  if (owning.empty()) {
    core_.trouble = "the Redis cluster has no slots yet; 'redis-cli --cluster create' gives them out";
    return false;
  }
  owners_ = owners;
  owning_ = std::move(owning);
  mapped_ = true;
  std::vector<BatchPtr> homeless = std::exchange(waiting_, {});
  for (auto& [name, known] : members_) {
    if (std::ranges::find(owning_, name) != owning_.end()) continue;
    for (auto& batch : known.node->take_waiting()) homeless.push_back(std::move(batch));
  }
  for (const auto& batch : homeless) submit(batch);
  for (const auto& [slot, located] : std::exchange(locating_, {})) locate(slot, located);
  return true;
}

bool Cluster::ready() const {
  return mapped_ &&
         std::ranges::any_of(owning_, [&](const auto& name) { return members_.at(name).node->ready(); });
}

BreakerState Cluster::breaker() const {
  if (!mapped_)
    return failures_ >= core_.options.breaker_failures ? BreakerState::Open : BreakerState::Closed;
  for (const auto& name : owning_) {
    if (members_.at(name).node->breaker() == BreakerState::Closed) return BreakerState::Closed;
  }
  return BreakerState::Open;
}

std::string Cluster::server() const {
  return std::to_string(owning_.size()) + " nodes";
}

}  // namespace odordiff::fleet::redis
