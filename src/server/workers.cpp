#include "server/workers.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "base/stand_back.h"
#include "base/urgency.h"
#include "server/problem.h"

namespace odordiff::server {
namespace {

constexpr double kMemory = 0.8;  // weight of the past in the smoothed service time
constexpr int kLongestRetry_s = 60;
constexpr int kErrandThreads = 2;  // one may wait for a commit

bool is_bounded(Priority priority) {
  return priority != Priority::Errand && priority != Priority::Background;
}

// Whoever asks goes before what runs in the background, wherever they meet.
void work_on(Priority priority, const std::function<void()>& run) {
  if (priority == Priority::Background) {
    const CanWait waits;
    run();
  } else if (priority == Priority::Errand) {
    run();
  } else {
    const Urgent urgent;
    run();
  }
}

// The span of the time that work waited for a worker.
void record_wait(const observe::TracePlace& place, double seconds) {
  if (place.tracer == nullptr) return;
  const auto now = std::chrono::system_clock::now();
  const auto wait =
      std::chrono::duration_cast<std::chrono::system_clock::duration>(std::chrono::duration<double>(seconds));
  place.tracer->record(observe::span_below(place, "queue", now - wait, now));
}

}  // namespace

Workers::Workers(const Options& options, observe::Registry& registry)
    : options_(options),
      wait_seconds_(registry.histogram("odordiff_queue_wait_seconds",
                                       "Time that accepted work waited for a worker.",
                                       observe::seconds_buckets())),
      refused_full_(registry.counter("odordiff_refused_total", "Requests refused by admission control.",
                                     {{"reason", "queue_full"}})),
      refused_slow_(registry.counter("odordiff_refused_total", "Requests refused by admission control.",
                                     {{"reason", "queue_slow"}})),
      refused_late_(registry.counter("odordiff_refused_total", "Requests refused by admission control.",
                                     {{"reason", "deadline"}})) {
  registry.gauge_from("odordiff_queue_waiting", "Accepted requests that wait for a worker.",
                      [this] { return static_cast<double>(load().waiting); });
  registry.gauge_from("odordiff_workers_busy", "Workers at work.",
                      [this] { return static_cast<double>(load().working); });
  registry.gauge_from("odordiff_workers", "Workers.",
                      [n = options.threads] { return static_cast<double>(n); });
  for (int i = 0; i < options.threads; ++i) threads_.emplace_back([this] { work(false); });
  for (int i = 0; i < kErrandThreads; ++i) threads_.emplace_back([this] { work(true); });
}

Workers::~Workers() {
  stop();
}

int Workers::waiting(Priority last) const {
  return static_cast<int>(
      std::distance(queue_.lower_bound({Priority::Quick, 0}), queue_.upper_bound({last, UINT64_MAX})));
}

std::size_t Workers::busy_threads() const {
  return at_work_.size() - errands_at_work_;
}

double Workers::expected_wait_s(Priority priority) const {
  if (static_cast<int>(busy_threads()) < options_.threads) return 0;
  return service_s_ * static_cast<double>(waiting(priority) + 1) / options_.threads;
}

std::uint64_t Workers::submit(std::shared_ptr<Call> call, Priority priority, std::function<void()> run,
                              bool accepted_before) {
  const std::lock_guard lock(mutex_);
  const bool bounded = is_bounded(priority) && !accepted_before;
  const double wait_s = bounded ? expected_wait_s(priority) : 0;
  const int retry_s = std::clamp(static_cast<int>(std::ceil(wait_s)), 1, kLongestRetry_s);
  if (stopping_) throw ProblemError(overloaded("the server is shutting down", retry_s));
  if (bounded && waiting(Priority::Bulk) >= options_.max_queue) {
    refused_full_.add();
    throw ProblemError(overloaded("too many requests wait already; come back later", retry_s));
  }
  if (wait_s > options_.max_wait_s) {
    refused_slow_.add();
    throw ProblemError(overloaded("the wait for a worker is too long; come back later", retry_s));
  }
  if (call->deadline() && Clock::now() + std::chrono::duration<double>(wait_s) > *call->deadline()) {
    refused_late_.add();
    throw ProblemError(overloaded("the queue is longer than the request's deadline allows", retry_s));
  }
  const std::uint64_t ticket = next_ticket_++;
  queue_.emplace(std::pair(priority, ticket), Job{std::move(call), std::move(run), Clock::now()});
  come_.notify_all();  // the threads are of two kinds
  return ticket;
}

bool Workers::withdraw(std::uint64_t ticket) {
  Job taken;  // destroyed outside the lock: it may hold the last reference to a connection
  const std::lock_guard lock(mutex_);
  for (const Priority priority :
       {Priority::Errand, Priority::Quick, Priority::Normal, Priority::Bulk, Priority::Background}) {
    const auto found = queue_.find({priority, ticket});
    if (found == queue_.end()) continue;
    taken = std::move(found->second);
    queue_.erase(found);
    return true;
  }
  return false;
}

void Workers::work(bool errands) {
  if (!errands) stand_back();
  std::unique_lock lock(mutex_);
  const auto next = [&] { return errands ? queue_.begin() : queue_.lower_bound({Priority::Quick, 0}); };
  const auto is_mine = [&](auto at) {
    return at != queue_.end() && (at->first.first == Priority::Errand) == errands;
  };
  while (true) {
    come_.wait(lock, [&] { return stopping_ || is_mine(next()); });
    const auto first = next();
    if (!is_mine(first)) return;
    const auto [priority, ticket] = first->first;
    Job job = std::move(first->second);
    queue_.erase(first);
    at_work_.emplace(ticket, job.call);
    if (errands) ++errands_at_work_;
    lock.unlock();
    if (!errands) wait_seconds_.observe(seconds_since(job.since));
    const auto began = Clock::now();
    {
      const observe::TraceScope scope(job.call->place());
      record_wait(job.call->place(), seconds_since(job.since));
      work_on(priority, job.run);
    }
    const double took_s = seconds_since(began);
    job = {};
    lock.lock();
    at_work_.erase(ticket);
    if (errands) {
      --errands_at_work_;
    } else {
      service_s_ = service_s_ == 0 ? took_s : kMemory * service_s_ + (1 - kMemory) * took_s;
    }
  }
}

void Workers::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const auto& [key, job] : queue_) job.call->end(Ending::Shutdown);
    for (const auto& [ticket, call] : at_work_) call->end(Ending::Shutdown);
    come_.notify_all();
  }
  for (auto& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

Workers::Load Workers::load() const {
  const std::lock_guard lock(mutex_);
  return {waiting(Priority::Bulk), static_cast<int>(busy_threads()), options_.threads, options_.max_queue,
          expected_wait_s(Priority::Normal)};
}

}  // namespace odordiff::server
