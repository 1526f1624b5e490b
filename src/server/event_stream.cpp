#include "server/event_stream.h"

#include <fmt/format.h>

#include "base/error.h"

namespace odordiff::server {

std::string EventStream::written(std::string_view event, std::string_view json, std::string_view id) {
  if (form_ == Form::JsonLines) {
    const std::string member = id.empty() ? std::string() : fmt::format("\"id\":{},", id);
    return fmt::format("{{{}\"event\":\"{}\",\"data\":{}}}\n", member, event, json);
  }
  const std::string line = id.empty() ? std::string() : fmt::format("id: {}\n", id);
  return fmt::format("{}event: {}\ndata: {}\n\n", line, event, json);
}

std::string EventStream::numbered(std::string_view event, const Json& data, const std::string& own_id) {
  const std::string id = own_ids_ ? own_id : std::to_string(next_id_++);
  if (!own_id.empty()) last_own_id_ = own_id;
  return written(event, compact(data), id);
}

void EventStream::give_own_ids() {
  const std::lock_guard lock(mutex_);
  own_ids_ = true;
}

void EventStream::send(const std::string& event, const Json& data, const std::string& id) {
  const std::lock_guard lock(mutex_);
  if (closed_) throw Cancelled("nobody reads the stream any more");
  bytes_ += numbered(event, data, id);
  if (wake_) wake_();
}

bool EventStream::has_room() {
  const std::lock_guard lock(mutex_);
  return bytes_.size() < enough_bytes_;
}

bool EventStream::try_send_text(std::string_view event, std::string_view json, std::string_view id) {
  const std::lock_guard lock(mutex_);
  room_wanted_ = !closed_ && bytes_.size() >= enough_bytes_;
  if (closed_ || room_wanted_) return false;
  bytes_ += written(event, json, id);
  last_own_id_ = id;
  if (wake_) wake_();
  return true;
}

std::optional<std::string> EventStream::resume_id() {
  const std::lock_guard lock(mutex_);
  return own_ids_ ? std::optional(last_own_id_) : std::nullopt;
}

void EventStream::progress(Json data) {
  const std::lock_guard lock(mutex_);
  progress_ = std::move(data);
}

void EventStream::progress_from(std::function<Json()> ask) {
  const std::lock_guard lock(mutex_);
  ask_progress_ = std::move(ask);
}

void EventStream::on_room(std::function<void()> have_room) {
  const std::lock_guard lock(mutex_);
  have_room_ = std::move(have_room);
}

void EventStream::finish() {
  const std::lock_guard lock(mutex_);
  finished_ = true;
  if (wake_) wake_();
}

void EventStream::finish_with(std::string_view event, const Json& data) {
  const std::lock_guard lock(mutex_);
  if (finished_ || closed_) return;
  bytes_ += numbered(event, data);
  finished_ = true;
  if (wake_) wake_();
}

void EventStream::on_news(std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
}

void EventStream::wake() {
  const std::lock_guard lock(mutex_);
  if (wake_) wake_();
}

EventStream::Taken EventStream::take() {
  const std::lock_guard lock(mutex_);
  Taken out{std::move(bytes_), finished_};
  bytes_.clear();
  if (room_wanted_ && have_room_) have_room_();
  room_wanted_ = false;
  return out;
}

bool EventStream::has_news() {
  const std::lock_guard lock(mutex_);
  return finished_ || !bytes_.empty();
}

std::string EventStream::beat() {
  const std::lock_guard lock(mutex_);
  if (ask_progress_) progress_ = ask_progress_();
  if (progress_.is_null()) return form_ == Form::JsonLines ? "\n" : ": alive\n\n";
  std::string out = numbered("progress", progress_);
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
  have_room_ = nullptr;
  ask_progress_ = nullptr;
}

}  // namespace odordiff::server
