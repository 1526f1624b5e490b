#include "diffusion/scheduler.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "base/error.h"
#include "base/fork_gate.h"
#include "base/urgency.h"
#include "diffusion/crew.h"
#include "diffusion/request.h"
#include "diffusion/sequence.h"

namespace odordiff::diffusion {
namespace {

// Rows that one thread takes through the network at a time: enough to make use of each weight read, few
// enough that their activations stay in its cache.
constexpr int kChunkRows = 48;

int thread_count(int wanted) {
  if (wanted < 0 || wanted > 1024)
    throw InvalidInput("threads must be 0 to 1024, not " + std::to_string(wanted));
  return wanted > 0 ? wanted : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

int slot_count(int wanted) {
  if (wanted < 1 || wanted > 65536) {
    throw InvalidInput("max_sequences must be 1 to 65536, not " + std::to_string(wanted));
  }
  return wanted;
}

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds kTrimEvery{10};
constexpr std::size_t kKept = 32;  // sequences that stay in any case: two usual requests
// Beside urgent work, what can wait takes part in each so-manieth step, has so many of the slots, and makes a
// pause between steps where the urgent work is not here.
constexpr std::uint64_t kWaitingTurn = 8;
constexpr double kWaitingShare = 0.75;
constexpr std::chrono::milliseconds kPause{5};

}  // namespace

struct Scheduler::Impl {
  Impl(std::shared_ptr<const Model> m, const Options& options)
      : model(std::move(m)),
        max_sequences(slot_count(options.max_sequences)),
        crew(thread_count(options.threads)) {
    const auto n = static_cast<std::size_t>(max_sequences);
    pool.reserve(n);
    free.reserve(n);
    active.reserve(n);
    ended.resize(n);
    lanes.resize(2 * n);
    chunks.reserve(n);
    scratch.resize(static_cast<std::size_t>(crew.threads()));
    loop = std::thread([this] { run(); });
  }
  ~Impl() {
    {
      std::unique_lock lock(mutex);
      stop = true;
      work.notify_one();
      gone.wait(lock, [this] { return callers == 0; });
    }
    loop.join();
  }

  void run();
  void leave_cancelled();
  void leave(Job& job);
  void finish(Job& job);
  void admit();
  void trim();
  void take_turns();
  bool gives_way() const;
  void plan();
  void step();
  void collect();
  void fail_all(const std::exception_ptr& error);
  static void step_chunk(void* impl, int chunk, int worker);

  // Consecutive active sequences, and their lanes.
  struct Chunk {
    int first_sequence = 0, sequences = 0;
    int first_lane = 0, lanes = 0;
  };

  std::shared_ptr<const Model> model;
  int max_sequences;
  Crew crew;

  std::mutex mutex;
  std::condition_variable work;  // a request has come, or stop
  std::condition_variable gone;  // the last caller has left
  std::deque<Job*> waiting;      // with sequences not yet started: first urgent ones, then first come first
  bool stop = false;
  int callers = 0;
  SchedulerStats counts;

  // The loop's own.
  std::vector<std::unique_ptr<Sequence>> pool;
  std::vector<Sequence*> free, active;
  std::size_t stepping = 0;     // the first of `active`, which take this step
  std::vector<char> ended;      // beside `active`
  std::size_t most_active = 0;  // since the pool was trimmed
  Clock::time_point trimmed = Clock::now();
  std::vector<Lane> lanes;
  std::vector<Chunk> chunks;
  std::vector<nn::Workspace> scratch;
  std::thread loop;
};

void Scheduler::Impl::run() {
  for (;;) {
    {
      std::unique_lock lock(mutex);
      leave_cancelled();
      if (stop) return;
      admit();
      counts.active_sequences = static_cast<int>(active.size());
      counts.waiting_requests = static_cast<int>(waiting.size());
      most_active = std::max(most_active, active.size());
      if (Clock::now() - trimmed > kTrimEvery) trim();
      if (active.empty()) {
        const auto called = [this] { return stop || !waiting.empty(); };
        if (pool.size() > kKept) {
          work.wait_for(lock, kTrimEvery, called);
        } else {
          work.wait(lock, called);
        }
        continue;
      }
      take_turns();
      if (gives_way()) {
        const std::size_t before = waiting.size();
        work.wait_for(lock, kPause, [&] { return stop || waiting.size() != before; });
        if (stop || waiting.size() != before) continue;
      }
    }
    const AtWork at_work;
    try {
      step();
    } catch (...) {
      fail_all(std::current_exception());
      continue;
    }
    collect();
  }
}

// The next six need the mutex held.
void Scheduler::Impl::leave_cancelled() {
  const auto cancelled = [this](Job& job) {
    if (!job.cancelled) job.cancelled = stop || (job.cancel != nullptr && job.cancel->load());
    return job.cancelled;
  };
  for (std::size_t i = 0; i < waiting.size();) {
    Job& job = *waiting[i];
    if (cancelled(job)) {
      leave(job);
    } else {
      ++i;
    }
  }
  for (std::size_t i = 0; i < active.size();) {
    Job& job = active[i]->job();
    if (cancelled(job)) {
      leave(job);
    } else {
      ++i;
    }
  }
}

// Takes every trace of the job out; its caller may be gone right after.
void Scheduler::Impl::leave(Job& job) {
  waiting.erase(std::remove(waiting.begin(), waiting.end(), &job), waiting.end());
  std::size_t kept = 0;
  for (Sequence* s : active) {
    if (&s->job() == &job) {
      free.push_back(s);
    } else {
      active[kept++] = s;
    }
  }
  active.resize(kept);
  finish(job);
}

void Scheduler::Impl::finish(Job& job) {
  job.done = true;
  job.wake.notify_one();
}

void Scheduler::Impl::admit() {
  while (!waiting.empty()) {
    Job& job = *waiting.front();
    if (job.can_wait && static_cast<double>(active.size()) >= kWaitingShare * max_sequences) return;
    try {
      if (free.empty()) {
        if (pool.size() == static_cast<std::size_t>(max_sequences)) return;
        pool.push_back(std::make_unique<Sequence>(*model));
        free.push_back(pool.back().get());
      }
      free.back()->start(job, job.started);
    } catch (const std::bad_alloc&) {
      // Go on with the slots that there are, if there are any.
      if (!active.empty()) return;
      job.error = std::make_exception_ptr(Overloaded("no memory for another sequence"));
      leave(job);
      continue;
    }
    active.push_back(free.back());
    free.pop_back();
    if (++job.started == job.request.count) waiting.pop_front();
  }
}

// What can wait lets the others go first.
void Scheduler::Impl::take_turns() {
  const auto urgent =
      std::partition(active.begin(), active.end(), [](const Sequence* s) { return !s->job().can_wait; });
  const bool all = urgent == active.begin() || counts.steps % kWaitingTurn == 0;
  stepping = all ? active.size() : static_cast<std::size_t>(urgent - active.begin());
}

bool Scheduler::Impl::gives_way() const {
  return active.front()->job().can_wait && is_urgent_work_under_way();
}

// What a rush needed is not held for good: of sequences at rest, those stay that were lately at work.
void Scheduler::Impl::trim() {
  while (pool.size() > std::max(kKept, most_active) && !free.empty()) {
    const Sequence* rested = free.back();
    free.pop_back();
    std::erase_if(pool, [rested](const auto& one) { return one.get() == rested; });
  }
  most_active = active.size();
  trimmed = Clock::now();
}

// Fills the lanes and cuts them into chunks of about equal rows, as many for each thread.
void Scheduler::Impl::plan() {
  int rows = 0;
  for (std::size_t i = 0; i < stepping; ++i) rows += active[i]->rows();
  const int threads = crew.threads();
  const int rounds = (rows + kChunkRows * threads - 1) / (kChunkRows * threads);
  const int pieces = std::min(rounds * threads, static_cast<int>(stepping));
  chunks.clear();
  int lane = 0;
  int before = 0;
  int last_piece = -1;
  for (std::size_t i = 0; i < stepping; ++i) {
    Sequence& s = *active[i];
    const int n = s.rows();
    // The chunk that the middle of this sequence's rows falls into.
    const int piece = static_cast<int>((2LL * before + n) * pieces / (2LL * rows));
    before += n;
    if (piece != last_piece) chunks.push_back({static_cast<int>(i), 0, lane, 0});
    last_piece = piece;
    s.fill(&lanes[static_cast<std::size_t>(lane)]);
    lane += s.lanes();
    ++chunks.back().sequences;
    chunks.back().lanes += s.lanes();
  }
}

void Scheduler::Impl::step() {
  plan();
  crew.run(static_cast<int>(chunks.size()), step_chunk, this);
}

void Scheduler::Impl::step_chunk(void* impl, int chunk, int worker) {
  Impl& self = *static_cast<Impl*>(impl);
  const Chunk& c = self.chunks[static_cast<std::size_t>(chunk)];
  self.model->step(std::span(self.lanes)
                       .subspan(static_cast<std::size_t>(c.first_lane), static_cast<std::size_t>(c.lanes)),
                   self.scratch[static_cast<std::size_t>(worker)]);
  for (int i = c.first_sequence; i < c.first_sequence + c.sequences; ++i) {
    const auto at = static_cast<std::size_t>(i);
    self.ended[at] = self.active[at]->advance() ? 1 : 0;
  }
}

void Scheduler::Impl::collect() {
  const std::lock_guard lock(mutex);
  ++counts.steps;
  for (const Chunk& c : chunks) counts.lanes += static_cast<std::uint64_t>(c.lanes);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < active.size(); ++i) {
    Sequence* s = active[i];
    if (i >= stepping || ended[i] == 0) {
      active[kept++] = s;
      continue;
    }
    s->publish();
    free.push_back(s);
    ++counts.sequences;
    Job& job = s->job();
    if (++job.finished == job.request.count) finish(job);
  }
  active.resize(kept);
}

void Scheduler::Impl::fail_all(const std::exception_ptr& error) {
  const std::lock_guard lock(mutex);
  while (!active.empty()) {
    Job& job = active.front()->job();
    job.error = error;
    leave(job);
  }
}

Scheduler::Scheduler(std::shared_ptr<const Model> model, Options options)
    : impl_(std::make_unique<Impl>(std::move(model), options)) {}
Scheduler::~Scheduler() = default;

std::vector<Sample> Scheduler::sample(const SampleRequest& request, const std::atomic<bool>* cancel) {
  struct Caller {
    explicit Caller(Impl& i) : impl(i) {
      const std::lock_guard lock(impl.mutex);
      ++impl.callers;
    }
    ~Caller() {
      const std::lock_guard lock(impl.mutex);
      if (--impl.callers == 0) impl.gone.notify_all();
    }
    Impl& impl;
  };
  const Caller caller(*impl_);
  validate(request, impl_->model->config());
  Job job(request, cancel, *impl_->model);
  {
    const Resting rest;
    std::unique_lock lock(impl_->mutex);
    if (impl_->stop) throw Cancelled("the sampler is shutting down");
    job.can_wait = can_wait();
    const auto behind = job.can_wait ? impl_->waiting.end()
                                     : std::find_if(impl_->waiting.begin(), impl_->waiting.end(),
                                                    [](const Job* other) { return other->can_wait; });
    impl_->waiting.insert(behind, &job);
    impl_->counts.waiting_requests = static_cast<int>(impl_->waiting.size());
    impl_->work.notify_one();
    job.wake.wait(lock, [&] { return job.done; });
  }
  if (job.error != nullptr) std::rethrow_exception(job.error);
  if (job.cancelled) throw Cancelled("the request was cancelled");
  return std::move(job.results);
}

SchedulerStats Scheduler::stats() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->counts;
}

const Model& Scheduler::model() const {
  return *impl_->model;
}

}  // namespace odordiff::diffusion
