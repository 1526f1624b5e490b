#include "cache/flight.h"

#include <utility>

#include "base/error.h"
#include "cache/shard.h"

namespace odordiff::cache {

void Flight::complete(const Outcome& outcome) {
  std::vector<std::pair<std::uint64_t, Callback>> callbacks;
  {
    const std::lock_guard lock(mutex_);
    if (outcome_.has_value()) return;
    outcome_ = outcome;
    callbacks.swap(callbacks_);
  }
  done_.notify_all();
  for (const auto& [who, callback] : callbacks) callback(outcome);
}

void Flight::then(std::uint64_t who, Callback callback) {
  std::unique_lock lock(mutex_);
  if (!outcome_.has_value()) {
    callbacks_.emplace_back(who, std::move(callback));
    return;
  }
  const Outcome outcome = *outcome_;
  lock.unlock();
  callback(outcome);
}

void Flight::forget(std::uint64_t who) {
  const std::lock_guard lock(mutex_);
  std::erase_if(callbacks_, [&](const auto& entry) { return entry.first == who; });
}

Outcome Flight::wait(const std::stop_token& cancel,
                     std::optional<std::chrono::steady_clock::time_point> deadline) {
  std::unique_lock lock(mutex_);
  const auto ended = [&] { return outcome_.has_value(); };
  if (deadline.has_value()) {
    done_.wait_until(lock, cancel, *deadline, ended);
  } else {
    done_.wait(lock, cancel, ended);
  }
  if (outcome_.has_value()) return *outcome_;
  if (cancel.stop_requested()) throw Cancelled("gave up waiting for an answer that is being computed");
  throw Overloaded("the answer was not computed in time");
}

Lead::Lead(std::shared_ptr<Shard> shard, std::shared_ptr<Flight> flight)
    : shard_(std::move(shard)), flight_(std::move(flight)) {}

Lead& Lead::operator=(Lead&& other) noexcept {
  std::swap(shard_, other.shard_);
  std::swap(flight_, other.flight_);
  std::swap(claim_, other.claim_);
  return *this;
}

Lead::~Lead() {
  if (flight_ == nullptr) return;
  fail(std::make_exception_ptr(Cancelled("the computation of this answer was given up")));
}

EntryPtr Lead::look_below() {
  Tier* tier = shard_->options().tier.get();
  if (tier == nullptr) return nullptr;
  auto [stored, claim] = tier->get_or_claim(flight_->key, flight_->unwanted);
  claim_ = std::move(claim);
  if (!stored.has_value() || stored->entry == nullptr) return nullptr;
  shard_->finish(*flight_, stored->entry, stored->left, Shard::Source::Below);
  flight_->complete({stored->entry, nullptr});
  return stored->entry;
}

EntryPtr Lead::publish(Entry entry, std::optional<Lifetime> lifetime, bool below) {
  const Options& options = shard_->options();
  const Lifetime life = lifetime.value_or(options.lifetime(entry));
  auto shared = std::make_shared<const Entry>(std::move(entry));
  const bool valid = shard_->finish(*flight_, shared, life, Shard::Source::Computed);
  flight_->complete({shared, nullptr});
  // After the waiters have it: a slow tier delays nobody.
  if (valid && below && options.tier != nullptr) options.tier->put(flight_->key, {shared, life});
  claim_.reset();
  return shared;
}

void Lead::fail(std::exception_ptr error) {
  shard_->finish(*flight_, nullptr, {}, Shard::Source::Computed);
  flight_->complete({nullptr, std::move(error)});
  claim_.reset();
}

Waiter::Waiter(std::shared_ptr<Shard> shard, std::shared_ptr<Flight> flight)
    : shard_(std::move(shard)), flight_(std::move(flight)), name_(++flight_->waiters) {}

Waiter::Waiter(Waiter&& other) noexcept = default;

Waiter& Waiter::operator=(Waiter&& other) noexcept {
  if (this != &other) {
    give_up();
    shard_ = std::move(other.shard_);
    flight_ = std::move(other.flight_);
    name_ = other.name_;
  }
  return *this;
}

Waiter::~Waiter() {
  give_up();
}

void Waiter::give_up() {
  if (flight_ == nullptr) return;
  flight_->forget(name_);
  shard_->leave(flight_);
  flight_.reset();
}

EntryPtr Waiter::wait(const std::stop_token& cancel,
                      std::optional<std::chrono::steady_clock::time_point> deadline) {
  const Outcome outcome = flight_->wait(cancel, deadline);
  if (outcome.error != nullptr) std::rethrow_exception(outcome.error);
  return outcome.entry;
}

void Waiter::then(Flight::Callback callback) {
  const std::shared_ptr<Flight> flight = flight_;  // outlives a callback that destroys this
  flight->then(name_, std::move(callback));
}

}  // namespace odordiff::cache
