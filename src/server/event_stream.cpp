#include "server/event_stream.h"

#include <fmt/format.h>

#include "base/error.h"

namespace odordiff::server {

std::string EventStream::written(const std::string& event, const Json& data) {
  const std::uint64_t id = next_id_++;
  const auto text = [](const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
  };
  if (form_ == Form::JsonLines) return text({{"id", id}, {"event", event}, {"data", data}}) + "\n";
  return fmt::format("id: {}\nevent: {}\ndata: {}\n\n", id, event, text(data));
}

void EventStream::send(const std::string& event, const Json& data) {
  std::unique_lock lock(mutex_);
  room_.wait(lock, [&] { return closed_ || bytes_.size() < most_bytes_; });
  if (closed_) throw Cancelled("nobody reads the stream any more");
  bytes_ += written(event, data);
  if (wake_) wake_();
}

bool EventStream::try_send(const std::string& event, const Json& data) {
  const std::lock_guard lock(mutex_);
  if (closed_ || bytes_.size() >= most_bytes_) return false;
  bytes_ += written(event, data);
  if (wake_) wake_();
  return true;
}

void EventStream::progress(Json data) {
  const std::lock_guard lock(mutex_);
  progress_ = std::move(data);
}

void EventStream::finish() {
  const std::lock_guard lock(mutex_);
  finished_ = true;
  if (wake_) wake_();
}

void EventStream::on_news(std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
}

EventStream::Taken EventStream::take() {
  const std::lock_guard lock(mutex_);
  Taken out{std::move(bytes_), finished_};
  bytes_.clear();
  room_.notify_all();
  return out;
}

std::string EventStream::beat() {
  const std::lock_guard lock(mutex_);
  if (progress_.is_null()) return form_ == Form::JsonLines ? "\n" : ": alive\n\n";
  std::string out = written("progress", progress_);
  progress_ = nullptr;
  return out;
}

std::string EventStream::preamble() const {
  return form_ == Form::JsonLines ? std::string() : std::string("retry: 2000\n\n");
}

void EventStream::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  wake_ = nullptr;
  room_.notify_all();
}

}  // namespace odordiff::server
