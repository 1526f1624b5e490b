#include "jobs/queue.h"

#include <algorithm>
#include <tuple>

namespace odordiff::jobs {
namespace {

constexpr std::uint64_t kPrompt = 1'000'000;  // of weight 1, in virtual time
constexpr std::uint64_t kFairTurn =
    4;  // each so-manieth prompt goes to who has had the least, whatever its priority

}  // namespace

Progress ActiveJob::progress(State state, std::int64_t now_ms) const {
  Progress now{.id = id,
               .state = state,
               .total = total,
               .done = done,
               .failed = failed,
               .in_work = in_work,
               .per_second = rate.per_second(now_ms),
               .seconds_left = {}};
  if (!has_ended(state) && now.per_second > 0) now.seconds_left = (total - done) / now.per_second;
  return now;
}

void Queue::make_ready(const ActiveJob& job) {
  Owner& owner = owners_.at(job.owner);
  if (owner.ready.empty()) owner.had = std::max(owner.had, time_);
  ready_ += owner.ready.insert(rank(job)).second ? 1 : 0;
}

void Queue::make_unready(const ActiveJob& job) {
  ready_ -= owners_.at(job.owner).ready.erase(rank(job));
}

Queue::Owner* Queue::next(bool whatever_priority) {
  Owner* best = nullptr;
  for (auto& [name, owner] : owners_) {
    if (owner.ready.empty()) continue;
    const int urgency = whatever_priority ? 0 : owner.ready.begin()->first;
    const int best_urgency = best == nullptr || whatever_priority ? 0 : best->ready.begin()->first;
    const auto rank_of = [](int urgent, const Owner& of) {
      return std::tuple(urgent, of.had, of.ready.begin()->first, of.ready.begin()->second);
    };
    if (best == nullptr || rank_of(urgency, owner) < rank_of(best_urgency, *best)) best = &owner;
  }
  return best;
}

void Queue::add(const OpenJob& job) {
  auto& active = jobs_[job.number];
  if (active != nullptr) return;
  active = std::make_shared<ActiveJob>();
  numbers_[job.id] = job.number;
  active->number = job.number;
  active->id = job.id;
  active->owner = job.owner;
  active->priority = job.priority;
  active->total = job.total;
  active->done = job.done;
  active->failed = job.failed;
  active->expires_ms = job.expires_ms;
  active->waiting.assign(job.unfinished.begin(), job.unfinished.end());
  ++owners_[job.owner].jobs;
  if (!active->waiting.empty()) make_ready(*active);
}

std::optional<Claim> Queue::claim(std::int64_t now_ms) {
  while (Owner* owner = next(turns_ % kFairTurn == kFairTurn - 1)) {
    const auto& job = jobs_.at(owner->ready.begin()->second);
    if (job->expires_ms.has_value() && *job->expires_ms <= now_ms) {
      // Ended by the next round of housekeeping; no more work goes into it.
      make_unready(*job);
      continue;
    }
    ++turns_;
    time_ = std::max(time_, owner->had);
    owner->had += kPrompt / static_cast<std::uint64_t>(std::max(weight_of_ ? weight_of_(job->owner) : 1, 1));
    Claim claim{job, job->waiting.front(), !job->started};
    job->started = true;
    job->rate.began(now_ms);
    job->waiting.pop_front();
    ++job->in_work;
    if (job->waiting.empty()) make_unready(*job);
    return claim;
  }
  return std::nullopt;
}

void Queue::give_back(const Claim& claim) {
  --claim.job->in_work;
  if (!jobs_.contains(claim.job->number)) return;
  claim.job->waiting.push_front(claim.index);
  make_ready(*claim.job);
}

void Queue::settle(std::int64_t job, bool kept, bool failed, std::int64_t now_ms) {
  const auto at = jobs_.find(job);
  if (at == jobs_.end()) return;
  ActiveJob& active = *at->second;
  --active.in_work;
  if (!kept) return;
  ++active.done;
  if (failed) ++active.failed;
  active.rate.finished(now_ms);
}

std::shared_ptr<ActiveJob> Queue::end(std::int64_t job) {
  const auto at = jobs_.find(job);
  if (at == jobs_.end()) return nullptr;
  auto active = at->second;
  make_unready(*active);
  const auto owner = owners_.find(active->owner);
  if (--owner->second.jobs == 0) owners_.erase(owner);
  jobs_.erase(at);
  numbers_.erase(active->id);
  active->cancel = true;
  return active;
}

std::shared_ptr<ActiveJob> Queue::find(std::int64_t job) const {
  const auto at = jobs_.find(job);
  return at == jobs_.end() ? nullptr : at->second;
}

std::shared_ptr<ActiveJob> Queue::find(const std::string& id) const {
  const auto at = numbers_.find(id);
  return at == numbers_.end() ? nullptr : find(at->second);
}

Queue::Ahead Queue::ahead_of(const ActiveJob& job) const {
  Ahead out;
  for (const auto& [name, owner] : owners_) {
    if (name != job.owner) {
      out.owners += owner.ready.empty() ? 0 : 1;
      continue;
    }
    for (const auto& ready : owner.ready) {
      if (ready >= rank(job)) break;
      out.own_prompts += jobs_.at(ready.second)->waiting.size();
    }
  }
  return out;
}

std::map<std::string, int> Queue::jobs_by_owner() const {
  std::map<std::string, int> out;
  for (const auto& [name, owner] : owners_) out[name] = owner.jobs;
  return out;
}

std::size_t Queue::waiting() const {
  std::size_t sum = 0;
  for (const auto& [number, job] : jobs_) sum += job->waiting.size();
  return sum;
}

void Queue::cancel_all() {
  for (const auto& [number, job] : jobs_) job->cancel = true;
}

}  // namespace odordiff::jobs
