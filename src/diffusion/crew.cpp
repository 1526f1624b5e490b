#include "diffusion/crew.h"

#include <utility>

namespace odordiff::diffusion {

Crew::Crew(int threads) {
  workers_.reserve(static_cast<std::size_t>(threads > 1 ? threads - 1 : 0));
  for (int w = 1; w < threads; ++w) workers_.emplace_back([this, w] { work(w); });
}

Crew::~Crew() {
  stop_ = true;
  ++round_;
  round_.notify_all();
  for (std::thread& t : workers_) t.join();
}

void Crew::run(int tasks, void (*task)(void*, int, int), void* context) {
  tasks_ = tasks;
  task_ = task;
  context_ = context;
  next_ = 0;
  const bool alone = tasks <= 1 || workers_.empty();
  if (!alone) {
    busy_ = static_cast<int>(workers_.size());
    ++round_;
    round_.notify_all();
  }
  take(0);
  if (!alone) {
    for (int left = busy_.load(); left != 0; left = busy_.load()) busy_.wait(left);
  }
  if (error_ != nullptr) std::rethrow_exception(std::exchange(error_, nullptr));
}

void Crew::work(int worker) {
  std::uint32_t seen = 0;
  for (;;) {
    round_.wait(seen);
    // The caller of run() waits for everybody, so a round is never missed.
    seen = round_.load();
    if (stop_) return;
    take(worker);
    if (--busy_ == 0) busy_.notify_one();
  }
}

void Crew::take(int worker) {
  for (int i = next_++; i < tasks_; i = next_++) {
    try {
      task_(context_, i, worker);
    } catch (...) {
      const std::lock_guard lock(error_mutex_);
      if (error_ == nullptr) error_ = std::current_exception();
    }
  }
}

}  // namespace odordiff::diffusion
