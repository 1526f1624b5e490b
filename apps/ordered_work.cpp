#include "ordered_work.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace odordiff::apps {
namespace {

constexpr std::chrono::milliseconds kTick{50};

class Run {
 public:
  Run(const OrderedWork& job, const std::atomic<bool>& cancel)
      : job_(job), cancel_(cancel), next_begin_(job.first), next_out_(job.first) {}

  bool operator()() {
    std::vector<std::thread> threads;
    const std::size_t items = job_.count - std::min(job_.first, job_.count);
    const std::size_t jobs = std::min<std::size_t>(static_cast<std::size_t>(job_.jobs), items);
    try {
      for (std::size_t i = 0; i < jobs; ++i) threads.emplace_back([this] { work(); });
      drain();
    } catch (...) {
      halt(std::current_exception());
    }
    halt(nullptr);
    for (auto& thread : threads) thread.join();
    if (error_) std::rethrow_exception(error_);
    return next_out_ >= job_.count;
  }

 private:
  void halt(const std::exception_ptr& error) {
    const std::lock_guard lock(mutex_);
    // Once stopped, work is expected to throw.
    if (error && !error_ && !stop_) error_ = error;
    stop_ = true;
    changed_.notify_all();
  }

  void work() {
    for (;;) {
      std::size_t item = 0;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] {
          return stop_ || next_begin_ >= job_.count || next_begin_ < next_out_ + job_.window;
        });
        if (stop_ || next_begin_ >= job_.count) return;
        item = next_begin_++;
      }
      try {
        WorkResult result = job_.work(item, stop_);
        const std::lock_guard lock(mutex_);
        done_.emplace(item, std::move(result));
        changed_.notify_all();
      } catch (...) {
        halt(std::current_exception());
        return;
      }
    }
  }

  // Hands out results until all are out or work has stopped.
  void drain() {
    while (next_out_ < job_.count) {
      WorkResult result;
      {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, kTick, [this] { return stop_ || done_.contains(next_out_); });
        if (cancel_.load()) {
          stop_ = true;
          changed_.notify_all();
        }
        const auto found = done_.find(next_out_);
        if (found == done_.end()) {
          if (stop_) return;
          lock.unlock();
          job_.tick();
          continue;
        }
        result = std::move(found->second);
        done_.erase(found);
      }
      job_.emit(next_out_, result);
      job_.tick();
      const std::lock_guard lock(mutex_);
      ++next_out_;
      changed_.notify_all();
    }
  }

  const OrderedWork& job_;
  const std::atomic<bool>& cancel_;
  std::mutex mutex_;  // guards everything below; stop_ is atomic because work reads it without the lock
  std::condition_variable changed_;
  std::atomic<bool> stop_{false};
  std::size_t next_begin_;
  std::size_t next_out_;
  std::map<std::size_t, WorkResult> done_;
  std::exception_ptr error_;
};

}  // namespace

bool run_in_order(const OrderedWork& job, const std::atomic<bool>& cancel) {
  return Run(job, cancel)();
}

}  // namespace odordiff::apps
