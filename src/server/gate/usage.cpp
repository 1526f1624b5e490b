#include "server/gate/usage.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "server/problem.h"
#include "server/subject.h"

namespace odordiff::server {
namespace {

constexpr std::chrono::seconds kHour{3600};
constexpr std::chrono::seconds kBeat{1};
constexpr const char* kRefused = "odordiff_http_refused_total";
constexpr const char* kRefusedHelp = "Requests that were refused at the gate, by reason.";

std::string streams_of(const std::string& caller) {
  return "streams " + caller;
}

std::string jobs_of(const std::string& owner) {
  return "jobs " + owner;
}

Problem too_much(const std::string& detail, int retry_after_s) {
  return {429, "quota-reached", detail, {}, {{"Retry-After", std::to_string(retry_after_s)}}};
}

}  // namespace

Usage::Usage(fleet::SharedLimits* shared, observe::Registry& registry, JobsByOwner jobs_by_owner)
    : shared_(shared),
      jobs_by_owner_(std::move(jobs_by_owner)),
      refused_samples_(registry.counter(kRefused, kRefusedHelp, {{"reason", "samples"}})),
      refused_streams_(registry.counter(kRefused, kRefusedHelp, {{"reason", "streams"}})) {
  if (shared_ == nullptr) return;
  registry.gauge_from("odordiff_limits_servers", "Servers that count usage together.",
                      [this] { return static_cast<double>(shared_->servers()); });
  registry.gauge_from("odordiff_limits_share",
                      "By what limits are divided: 1 while Redis answers, else the number of servers.",
                      [this] { return static_cast<double>(shared_->share()); });
  beats_ = std::thread([this] {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      lock.unlock();
      beat();
      lock.lock();
      stop_.wait_for(lock, kBeat, [&] { return stopping_; });
    }
  });
}

Usage::~Usage() {
  if (shared_ == nullptr) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    stop_.notify_all();
  }
  beats_.join();
  shared_->wait();
}

void Usage::beat() {
  shared_->beat();
  std::map<std::string, int> held;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [what, of] : held_) held[what] = of.here;
  }
  if (jobs_by_owner_) {
    for (const auto& [owner, open] : jobs_by_owner_()) held[jobs_of(owner)] = open;
  }
  for (const auto& [what, count] : held) hold(what, count);
}

void Usage::hold(const std::string& what, int count) {
  if (shared_ == nullptr || shared_->is_away()) {
    const std::lock_guard lock(mutex_);
    if (count == 0) held_.erase(what);
    return;
  }
  shared_->hold(what, count, [this, what, count](int elsewhere) {
    const std::lock_guard lock(mutex_);
    if (count == 0 && elsewhere == 0) {
      const auto found = held_.find(what);
      if (found != held_.end() && found->second.here == 0) held_.erase(found);
    } else {
      held_[what].elsewhere = elsewhere;
    }
  });
}

RateLimiter::Verdict Usage::charge(const std::string& caller, Rate rate, int cost) {
  rate.most = std::max(rate.most / share(), 1);
  const auto verdict = limiter_.charge(caller, rate, std::min(cost, rate.most));
  if (verdict.allowed) tell(caller, verdict.owed_s);
  return verdict;
}

// One at a time of each caller is under way, with what came together meanwhile.
void Usage::tell(const std::string& caller, double owed_s) {
  if (shared_ == nullptr || shared_->is_away()) return;
  double sum_s = 0;
  {
    const std::lock_guard lock(mutex_);
    Told& told = told_[caller];
    told.owed_s += owed_s;
    if (told.under_way) return;
    told.under_way = true;
    sum_s = std::exchange(told.owed_s, 0);
  }
  shared_->spend(
      caller, sum_s,
      [this, caller](double all_s) {
        double waiting_s = 0;
        {
          const std::lock_guard lock(mutex_);
          Told& told = told_[caller];
          told.under_way = false;
          waiting_s = told.owed_s;
          if (waiting_s == 0) told_.erase(caller);
        }
        limiter_.know(caller, std::chrono::duration<double>(all_s + waiting_s));
        if (waiting_s > 0) tell(caller, 0);
      },
      [this, caller] {
        const std::lock_guard lock(mutex_);
        told_.erase(caller);
      });
}

RateLimiter::Verdict Usage::ask(const std::string& caller, int per_minute) {
  return charge(caller, {per_minute}, 1);
}

void Usage::draw(const Request& request, std::int64_t samples) {
  const int most = request.quota.samples_per_hour;
  if (most <= 0 || samples <= 0) return;
  if (samples > most) {
    refused_samples_.add();
    throw ProblemError(
        {403, "beyond-quota",
         fmt::format("this asks for {} samples, and {} may draw {} an hour", samples, request.caller, most)});
  }
  const auto verdict = charge("samples " + request.caller, {most, kHour}, static_cast<int>(samples));
  if (verdict.allowed) return;
  refused_samples_.add();
  throw ProblemError(too_much(
      fmt::format("more than {} samples an hour; this asks for {}: come back in {} s, or ask for less", most,
                  samples, verdict.retry_after_s),
      verdict.retry_after_s));
}

std::shared_ptr<void> Usage::begin_stream(const Request& request) {
  const int limit = request.quota.streams;
  if (limit <= 0) return nullptr;
  const std::string what = streams_of(request.caller);
  int here = 0;
  {
    const std::lock_guard lock(mutex_);
    Held& held = held_[what];
    const int elsewhere = shared_ == nullptr || shared_->is_away() ? 0 : held.elsewhere;
    if (held.here + elsewhere >= std::max(limit / share(), 1)) {
      refused_streams_.add();
      throw ProblemError(too_much(
          fmt::format("{} streams are open already, of {} that may be", held.here + elsewhere, limit), 1));
    }
    here = ++held.here;
  }
  hold(what, here);
  return std::shared_ptr<void>(nullptr, [this, what](void*) {
    int left = 0;
    {
      const std::lock_guard lock(mutex_);
      left = --held_[what].here;
    }
    hold(what, left);
  });
}

std::optional<int> Usage::jobs_allowed(const Request& request) {
  const int limit = request.quota.open_jobs;
  if (limit <= 0) return std::nullopt;
  if (share() > 1) return std::max(limit / share(), 1);
  const std::string what = jobs_of(subject_of(request));
  int elsewhere = 0;
  {
    const std::lock_guard lock(mutex_);
    const auto found = held_.find(what);
    if (found != held_.end()) elsewhere = found->second.elsewhere;
  }
  // What is open elsewhere is known from now on, while there are jobs here.
  if (shared_ != nullptr && jobs_by_owner_) hold(what, jobs_by_owner_()[subject_of(request)]);
  return std::max(limit - elsewhere, 0);
}

}  // namespace odordiff::server
