// A few threads that share out the tasks of one step at a time, the calling thread among them.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace odordiff::diffusion {

class Crew {
 public:
  // `threads` in all, the caller of run() counted.
  explicit Crew(int threads);
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;
  ~Crew();

  int threads() const { return static_cast<int>(workers_.size()) + 1; }

  // Calls task(context, i, worker) for every i in [0, tasks), each once, and returns when all are done;
  // `worker` is in [0, threads). Rethrows the first exception. Allocates nothing. One caller at a time.
  void run(int tasks, void (*task)(void* context, int i, int worker), void* context);

 private:
  void work(int worker);
  void take(int worker);

  std::vector<std::thread> workers_;
  std::atomic<std::uint32_t> round_{0};
  std::atomic<int> busy_{0};
  std::atomic<int> next_{0};
  std::atomic<bool> stop_{false};
  // Written before a round begins, read during it.
  int tasks_ = 0;
  void (*task_)(void*, int, int) = nullptr;
  void* context_ = nullptr;
  std::mutex error_mutex_;
  std::exception_ptr error_;
};

}  // namespace odordiff::diffusion
