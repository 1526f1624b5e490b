#include "jobs/queue.h"

namespace odordiff::jobs {

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

void Queue::add(const OpenJob& job) {
  auto& active = jobs_[job.number];
  if (active != nullptr) return;
  active = std::make_shared<ActiveJob>();
  numbers_[job.id] = job.number;
  active->number = job.number;
  active->id = job.id;
  active->priority = job.priority;
  active->total = job.total;
  active->done = job.done;
  active->failed = job.failed;
  active->expires_ms = job.expires_ms;
  active->waiting.assign(job.unfinished.begin(), job.unfinished.end());
  if (!active->waiting.empty()) ready_.insert(rank(*active));
}

std::optional<Claim> Queue::claim(std::int64_t now_ms) {
  while (!ready_.empty()) {
    const auto& job = jobs_.at(ready_.begin()->second);
    if (job->expires_ms.has_value() && *job->expires_ms <= now_ms) {
      // Ended by the next round of housekeeping; no more work goes into it.
      ready_.erase(ready_.begin());
      continue;
    }
    Claim claim{job, job->waiting.front(), !job->started};
    job->started = true;
    job->rate.began(now_ms);
    job->waiting.pop_front();
    ++job->in_work;
    if (job->waiting.empty()) ready_.erase(ready_.begin());
    return claim;
  }
  return std::nullopt;
}

void Queue::give_back(const Claim& claim) {
  --claim.job->in_work;
  if (!jobs_.contains(claim.job->number)) return;
  claim.job->waiting.push_front(claim.index);
  ready_.insert(rank(*claim.job));
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
  ready_.erase(rank(*active));
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

std::size_t Queue::waiting() const {
  std::size_t sum = 0;
  for (const auto& [number, job] : jobs_) sum += job->waiting.size();
  return sum;
}

void Queue::cancel_all() {
  for (const auto& [number, job] : jobs_) job->cancel = true;
}

}  // namespace odordiff::jobs
