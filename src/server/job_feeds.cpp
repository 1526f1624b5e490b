#include "server/job_feeds.h"

#include <utility>

#include "server/job_json.h"
#include "server/problem.h"

namespace odordiff::server {
namespace {

constexpr int kPage = 16;  // results read at a time

Json problem_json(const Problem& problem, const std::string& job) {
  Request request;
  request.path = "/v1/jobs/" + job + "/results";
  Json json = Json::parse(problem_text(problem, request));
  json.erase("request_id");
  return json;
}

}  // namespace

struct JobFeeds::Feed : std::enable_shared_from_this<JobFeeds::Feed> {
  std::string job;
  std::string cursor;  // the serving thread's
  std::shared_ptr<EventStream> stream;
  bool queued = false;  // guarded by the feeds' mutex
  jobs::Subscription subscription;
};

JobFeeds::JobFeeds(jobs::Store& store, jobs::Runner& runner)
    : store_(store), runner_(runner), thread_([this] { serve(); }) {}

JobFeeds::~JobFeeds() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

std::shared_ptr<void> JobFeeds::follow(const std::string& job, const std::string& cursor,
                                       const std::shared_ptr<EventStream>& stream) {
  const std::shared_ptr<Feed> feed(new Feed, [this](Feed* gone) {
    forget(gone);
    delete gone;
  });
  feed->job = job;
  feed->cursor = cursor;
  feed->stream = stream;
  stream->give_own_ids();
  stream->progress_from([this, job]() -> Json {
    const auto progress = runner_.progress(job);
    return progress ? job_progress_json(*progress) : Json(nullptr);
  });
  const auto call = [this, weak = std::weak_ptr(feed)] {
    if (const auto self = weak.lock()) touch(self);
  };
  stream->on_room(call);
  feed->subscription = runner_.subscribe(job, [call](const jobs::Progress&) { call(); });
  {
    const std::lock_guard lock(mutex_);
    live_.insert(feed.get());
  }
  touch(feed);
  return feed;
}

void JobFeeds::touch(const std::shared_ptr<Feed>& feed) {
  const std::lock_guard lock(mutex_);
  if (std::exchange(feed->queued, true)) return;
  news_.push_back(feed);
  changed_.notify_all();
}

void JobFeeds::forget(Feed* feed) {
  const std::lock_guard lock(mutex_);
  live_.erase(feed);
}

void JobFeeds::drain() {
  const std::lock_guard lock(mutex_);
  draining_ = true;
  for (Feed* feed : live_) news_.push_back(feed->weak_from_this());
  changed_.notify_all();
}

void JobFeeds::serve() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return stopping_ || !news_.empty(); });
    if (stopping_) return;
    const auto batch = std::exchange(news_, {});
    const bool draining = draining_;
    read_.reset();
    for (const auto& weak : batch) {
      std::shared_ptr<Feed> feed = weak.lock();
      if (feed) feed->queued = false;
      lock.unlock();
      if (feed) draining ? end_for_shutdown(*feed) : advance(*feed);
      feed.reset();  // maybe the last reference, and its end takes the lock
      lock.lock();
    }
  }
}

const std::optional<jobs::ResultPage>& JobFeeds::page_after(const Feed& feed) {
  if (!read_ || read_->job != feed.job || read_->cursor != feed.cursor) {
    read_ = Read{feed.job, feed.cursor, store_.results(feed.job, feed.cursor, kPage)};
  }
  return read_->page;
}

void JobFeeds::advance(Feed& feed) {
  try {
    while (true) {
      const auto& page = page_after(feed);
      if (!page) throw ProblemError({404, "not-found", "the job was deleted"});
      for (const auto& result : page->results) {
        if (!feed.stream->try_send_text("result", result_text(feed.job, result), result.cursor)) return;
        feed.cursor = result.cursor;
      }
      if (page->complete) {
        const auto status = store_.status(feed.job);
        if (!status) throw ProblemError({404, "not-found", "the job was deleted"});
        feed.stream->finish_with("done", job_json(*status, std::nullopt));
        return;
      }
      if (page->results.empty()) return;
    }
  } catch (...) {
    feed.stream->finish_with("error", problem_json(problem_of(std::current_exception()), feed.job));
  }
}

void JobFeeds::end_for_shutdown(Feed& feed) {
  Json problem = problem_json(
      overloaded("the server is shutting down; the job goes on, ask again with Last-Event-ID", 1), feed.job);
  problem["resumable"] = true;
  problem["last_event_id"] = feed.cursor;
  feed.stream->finish_with("error", problem);
}

}  // namespace odordiff::server
