#include "jobs/runner.h"

#include <set>
#include <utility>

namespace odordiff::jobs {
namespace {

// SQLite takes up to 1 GB in a value; an answer of that size is a mistake.
constexpr std::size_t kMostBytesOfResult = std::size_t{64} << 20U;

}  // namespace

Runner::Runner(Store& store, Work work, Options options)
    : store_(store), work_(std::move(work)), options_(std::move(options)), queue_(options_.weight_of) {}

Runner::~Runner() {
  stop(std::chrono::milliseconds(0));
}

void Runner::start() {
  const std::lock_guard threads(stop_mutex_);
  {
    const std::vector<OpenJob> open = store_.open_jobs();
    const std::lock_guard lock(mutex_);
    for (const auto& job : open) queue_.add(job);
  }
  writer_thread_ = std::thread([this] { writer(); });
  if (options_.housekeeping.count() > 0) housekeeper_thread_ = std::thread([this] { housekeeper(); });
  for (int i = 0; i < options_.threads; ++i) workers_.emplace_back([this] { worker(); });
}

void Runner::drain() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  changed_.notify_all();
}

void Runner::stop(std::chrono::milliseconds grace) {
  const std::lock_guard threads(stop_mutex_);
  {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
    changed_.wait_for(lock, grace, [&] { return in_work_ == 0; });
    queue_.cancel_all();
  }
  for (auto& thread : workers_) thread.join();
  workers_.clear();
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    changed_.notify_all();
  }
  if (writer_thread_.joinable()) writer_thread_.join();
  if (housekeeper_thread_.joinable()) housekeeper_thread_.join();
}

Accepted Runner::submit(const Submission& submission) {
  Accepted accepted = store_.submit(submission);
  if (!accepted.created) return accepted;
  OpenJob job{.number = accepted.number,
              .id = accepted.id,
              .owner = submission.owner,
              .priority = submission.priority,
              .total = static_cast<int>(submission.prompts.size()),
              .done = 0,
              .failed = 0,
              .expires_ms = accepted.expires_ms,
              .unfinished = {}};
  for (int i = 0; i < job.total; ++i) job.unfinished.push_back(i);
  const std::lock_guard lock(mutex_);
  queue_.add(job);
  changed_.notify_all();
  return accepted;
}

std::optional<Status> Runner::cancel(std::string_view id) {
  auto status = store_.cancel(id);
  if (!status.has_value() || status->state != State::Cancelled) return status;
  std::int64_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    const auto job = queue_.find(std::string(id));
    if (job == nullptr) return status;
    number = job->number;
  }
  end(number, State::Cancelled);
  return status;
}

std::size_t Runner::erase_owner(std::string_view owner) {
  const std::vector<std::int64_t> open = store_.erase_owner(owner);
  for (const std::int64_t job : open) end(job, State::Cancelled);
  return open.size();
}

std::optional<Progress> Runner::progress(std::string_view id) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto job = queue_.find(std::string(id)); job != nullptr) {
      const bool running = job->in_work > 0 || job->done > 0;
      return job->progress(running ? State::Running : State::Queued, store_.now_ms());
    }
  }
  const auto status = store_.status(id);
  if (!status.has_value()) return std::nullopt;
  Progress progress;
  progress.id = status->id;
  progress.state = status->state;
  progress.total = status->total;
  progress.done = status->done;
  progress.failed = status->failed;
  return progress;
}

Subscription Runner::subscribe(std::string id, Listeners::Callback callback) {
  const std::uint64_t number = listeners_->add(std::move(id), std::move(callback));
  return {listeners_, number};
}

void Runner::tick() {
  for (const std::int64_t job : store_.expire_due()) end(job, State::Expired);
  store_.delete_old();
}

Runner::Load Runner::load() const {
  const std::lock_guard lock(mutex_);
  return {.open_jobs = queue_.jobs(),
          .waiting_prompts = queue_.waiting(),
          .in_work = in_work_,
          .unwritten = unwritten_,
          .trouble = trouble_};
}

std::map<std::string, int> Runner::jobs_by_owner() const {
  const std::lock_guard lock(mutex_);
  return queue_.jobs_by_owner();
}

std::optional<Runner::Waiting> Runner::waiting(std::string_view id) const {
  const std::lock_guard lock(mutex_);
  const auto job = queue_.find(std::string(id));
  if (job == nullptr || job->waiting.empty()) return std::nullopt;
  const auto ahead = queue_.ahead_of(*job);
  return Waiting{.own_prompts_ahead = ahead.own_prompts,
                 .other_owners = ahead.owners,
                 .in_work = in_work_,
                 .threads = options_.threads,
                 .stopping = stopping_,
                 .trouble = trouble_};
}

bool Runner::wait_until_idle(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, deadline, [&] { return queue_.empty() && unwritten_ == 0; });
}

void Runner::end(std::int64_t job, State state) {
  Progress last;
  {
    const std::lock_guard lock(mutex_);
    const auto active = queue_.end(job);
    if (active == nullptr) return;
    last = active->progress(state, store_.now_ms());
    changed_.notify_all();
  }
  listeners_->tell(last);
}

void Runner::set_trouble(const std::string& trouble) {
  const std::lock_guard lock(mutex_);
  set_trouble_locked(trouble);
}

void Runner::set_trouble_locked(const std::string& trouble) {
  if (trouble == trouble_) return;
  trouble_ = trouble;
  if (options_.on_trouble) options_.on_trouble(trouble_);
}

void Runner::worker() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] {
      return stopping_ ||
             (queue_.has_ready() && unwritten_ + in_work_ < options_.max_unwritten + options_.threads);
    });
    if (stopping_) return;
    const auto claim = queue_.claim(store_.now_ms());
    if (!claim.has_value()) continue;
    ++in_work_;
    lock.unlock();
    auto finished = run_one(*claim);
    lock.lock();
    --in_work_;
    if (finished.has_value()) {
      pending_.push_back(std::move(*finished));
      ++unwritten_;
    } else {
      queue_.give_back(*claim);
    }
    changed_.notify_all();
  }
}

bool Runner::is_draining() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

std::optional<Finished> Runner::run_one(const Claim& claim) {
  const ActiveJob& job = *claim.job;
  std::optional<std::string> prompt;
  try {
    if (claim.first && !store_.mark_started(job.number)) {
      end(job.number, State::Cancelled);  // ended before the queue knew of it
      return std::nullopt;
    }
  } catch (const Error& error) {
    set_trouble(error.what());  // the first result sets it too
  }
  try {
    prompt = store_.prompt(job.number, claim.index);
  } catch (const Error& error) {
    std::unique_lock lock(mutex_);
    set_trouble_locked(error.what());
    changed_.wait_for(lock, options_.storage_retry, [&] { return stopping_; });
    return std::nullopt;
  }
  if (!prompt.has_value()) {
    end(job.number, State::Cancelled);  // forgotten meanwhile
    return std::nullopt;
  }

  Finished finished{.job = job.number, .index = claim.index, .failed = true, .body = {}, .error_kind = {}};
  const auto fail = [&](const char* kind, const char* message) {
    finished.error_kind = kind;
    finished.body = message;
  };
  try {
    finished.body = work_(*prompt, job.cancel);
    if (finished.body.size() > kMostBytesOfResult) {
      fail("internal", "the result is larger than 64 MiB");
    } else {
      finished.failed = false;
    }
  } catch (const Cancelled& error) {
    if (job.cancel || is_draining()) return std::nullopt;
    fail("cancelled", error.what());
  } catch (const InvalidInput& error) {
    fail("invalid_input", error.what());
  } catch (const Overloaded& error) {
    fail("overloaded", error.what());
  } catch (const Unavailable& error) {
    fail("unavailable", error.what());
  } catch (const std::exception& error) {
    fail("internal", error.what());
  } catch (...) {
    fail("internal", "the work failed in an unknown way");
  }
  return finished;
}

void Runner::writer() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return closing_ || !pending_.empty(); });
    if (pending_.empty()) return;
    std::vector<Finished> batch;
    batch.swap(pending_);
    lock.unlock();
    const bool written = write(batch);
    lock.lock();
    if (!written) return;  // closing, and the disk refuses: those prompts run again after the next start
  }
}

bool Runner::write(const std::vector<Finished>& batch) {
  while (true) {
    try {
      const std::vector<Written> written = store_.finish(batch);
      settle(batch, written);
      return true;
    } catch (const Error& error) {
      std::unique_lock lock(mutex_);
      set_trouble_locked(error.what());
      changed_.wait_for(lock, options_.storage_retry, [&] { return closing_; });
      if (closing_) return false;
    }
  }
}

void Runner::settle(const std::vector<Finished>& batch, const std::vector<Written>& written) {
  std::vector<Progress> news;
  {
    const std::lock_guard lock(mutex_);
    set_trouble_locked("");
    const std::int64_t now = store_.now_ms();
    std::set<std::int64_t> touched;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      queue_.settle(batch[i].job, written[i].kept, batch[i].failed, now);
      if (!written[i].kept) continue;
      if (!written[i].job_ended) {
        touched.insert(batch[i].job);
        continue;
      }
      touched.erase(batch[i].job);
      if (const auto ended = queue_.end(batch[i].job); ended != nullptr) {
        news.push_back(ended->progress(State::Finished, now));
      }
    }
    for (const std::int64_t job : touched) {
      if (const auto active = queue_.find(job); active != nullptr) {
        news.push_back(active->progress(State::Running, now));
      }
    }
    unwritten_ -= static_cast<int>(batch.size());
    changed_.notify_all();
  }
  for (const auto& progress : news) listeners_->tell(progress);
}

void Runner::housekeeper() {
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, options_.housekeeping, [&] { return closing_; })) {
    lock.unlock();
    try {
      tick();
    } catch (const Error& error) {
      set_trouble(error.what());
    }
    lock.lock();
  }
}

}  // namespace odordiff::jobs
