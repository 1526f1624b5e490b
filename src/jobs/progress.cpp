#include "jobs/progress.h"

#include <utility>
#include <vector>

namespace odordiff::jobs {
namespace {

// Long enough to smooth over prompts of different size, short enough to follow a change.
constexpr std::size_t kWindow = 32;

}  // namespace

void Rate::began(std::int64_t now_ms) {
  if (times_ms_.empty()) times_ms_.push_back(now_ms);
}

void Rate::finished(std::int64_t now_ms) {
  times_ms_.push_back(now_ms);
  if (times_ms_.size() > kWindow + 1) times_ms_.pop_front();
}

double Rate::per_second(std::int64_t now_ms) const {
  if (times_ms_.size() < 2 || now_ms <= times_ms_.front()) return 0;
  return 1000.0 * static_cast<double>(times_ms_.size() - 1) / static_cast<double>(now_ms - times_ms_.front());
}

std::uint64_t Listeners::add(std::string id, Callback callback) {
  auto listener = std::make_shared<const Listener>(Listener{std::move(id), std::move(callback)});
  const std::lock_guard lock(mutex_);
  listeners_.emplace(++last_, std::move(listener));
  return last_;
}

void Listeners::remove(std::uint64_t number) {
  std::shared_ptr<const Listener> gone;  // what the callback holds is released after the lock
  const std::lock_guard lock(mutex_);
  const auto at = listeners_.find(number);
  if (at == listeners_.end()) return;
  gone = std::move(at->second);
  listeners_.erase(at);
}

void Listeners::tell(const Progress& progress) const {
  std::vector<std::uint64_t> whom;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [number, listener] : listeners_) {
      if (listener->id.empty() || listener->id == progress.id) whom.push_back(number);
    }
  }
  for (const std::uint64_t number : whom) {
    std::shared_ptr<const Listener> listener;
    {
      // Looked up again: an earlier callback may have ended this subscription.
      const std::lock_guard lock(mutex_);
      const auto at = listeners_.find(number);
      if (at == listeners_.end()) continue;
      listener = at->second;
    }
    listener->callback(progress);
  }
}

}  // namespace odordiff::jobs
