// One computation that many callers wait for. Who looks up what is not there gets a Waiter; the first of them
// gets the Lead as well, the duty to compute.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "cache/entry.h"

namespace odordiff::cache {

class Shard;

// What a computation came to: an entry, or the exception that it ended with.
struct Outcome {
  EntryPtr entry;
  std::exception_ptr error;
};

// The state that a Lead and its Waiters share. `finished` to `keep` belong to the shard's
// mutex, what is private to its own.
class Flight {
 public:
  using Callback = std::function<void(const Outcome&)>;

  Flight(std::string flight_key, std::uint64_t key_hash) : key(std::move(flight_key)), hash(key_hash) {}

  // First call only; wakes and calls everybody who waits, on this thread.
  void complete(const Outcome& outcome);
  void then(std::uint64_t who, Callback callback);
  void forget(std::uint64_t who);
  Outcome wait(const std::stop_token& cancel, std::optional<std::chrono::steady_clock::time_point> deadline);

  const std::string key;
  const std::uint64_t hash;
  std::atomic<bool> unwanted{false};
  std::atomic<std::uint64_t> waiters{0};  // so far, for their names

  bool finished = false;
  int interested = 0;
  bool keep = false;  // a refresh: worth finishing though nobody waits

 private:
  std::mutex mutex_;
  std::condition_variable_any done_;
  std::optional<Outcome> outcome_;
  std::vector<std::pair<std::uint64_t, Callback>> callbacks_;
};

// The duty to compute. Exactly one at a time for each key. Move it to where the work is done; any thread may
// end it. Destroyed without publish or fail, it fails all waiters with Cancelled. May outlive the cache.
class Lead {
 public:
  Lead(std::shared_ptr<Shard> shard, std::shared_ptr<Flight> flight);
  Lead(Lead&& other) noexcept = default;
  Lead& operator=(Lead&& other) noexcept;
  Lead(const Lead&) = delete;
  Lead& operator=(const Lead&) = delete;
  ~Lead();

  // True from when every waiter has given up: the work may stop. Lives as long as this object, wherever it is
  // moved.
  const std::atomic<bool>& unwanted() const { return flight_->unwanted; }

  // Asks the tier below, which may block, also until another machine has computed it. What it has is
  // published and returned; null: compute.
  EntryPtr look_below();

  // Keeps the entry (unless there was a purge meanwhile or it is larger than a shard), hands it to all
  // waiters and, with `below`, to the tier below. Without a lifetime the cache's default for its kind counts.
  // Only the first of publish and fail counts.
  EntryPtr publish(Entry entry, std::optional<Lifetime> lifetime = std::nullopt, bool below = true);

  // Hands the failure to all waiters; nothing is kept. To remember a refusal, publish an entry that is
  // `negative`.
  void fail(std::exception_ptr error);

 private:
  std::shared_ptr<Shard> shard_;
  std::shared_ptr<Flight> flight_;
  std::shared_ptr<void> claim_;  // of the tier below, until the end
};

// A caller's interest in a computation. Destroying it gives up, and nobody else notices unless it was the
// last one. May outlive the cache.
class Waiter {
 public:
  Waiter(std::shared_ptr<Shard> shard, std::shared_ptr<Flight> flight);
  Waiter(Waiter&& other) noexcept;
  Waiter& operator=(Waiter&& other) noexcept;
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  ~Waiter();

  // Blocks. Rethrows the computation's failure; throws Cancelled when `cancel` is requested and Overloaded at
  // the deadline. Either way the computation goes on for the others.
  EntryPtr wait(const std::stop_token& cancel = {},
                std::optional<std::chrono::steady_clock::time_point> deadline = std::nullopt);

  // Calls back once, from the thread that ends the computation, or at once when it has ended. The callback
  // must not throw or block. After the Waiter's destruction it is not called, unless that call is already
  // under way. The callback may destroy the Waiter. REQUIRES: called at most once.
  void then(Flight::Callback callback);

 private:
  void give_up();

  std::shared_ptr<Shard> shard_;
  std::shared_ptr<Flight> flight_;
  std::uint64_t name_;
};

}  // namespace odordiff::cache
