#include "server/stream_work.h"

#include <utility>

#include "server/problem.h"

namespace odordiff::server {

Json last_event(EventStream& stream, const Call& call, const Problem& problem, const Request& request) {
  Json json = Json::parse(problem_text(problem, request));
  if (call.ending() != Ending::Shutdown) return json;
  const auto id = stream.resume_id();
  json["resumable"] = id.has_value();
  if (id) json["last_event_id"] = *id;
  return json;
}

StreamWork::StreamWork(Workers& workers, Streaming streaming, std::shared_ptr<const Request> request,
                       std::shared_ptr<Call> call, std::shared_ptr<EventStream> stream,
                       std::function<void(const std::string&)> note_fault)
    : workers_(workers),
      streaming_(std::move(streaming)),
      request_(std::move(request)),
      call_(std::move(call)),
      stream_(std::move(stream)),
      note_fault_(std::move(note_fault)) {}

void StreamWork::submit(bool accepted_before) {
  ticket_ = workers_.submit(
      call_, streaming_.priority, [self = shared_from_this()] { self->step(); }, accepted_before);
}

void StreamWork::begin() {
  const std::lock_guard lock(mutex_);
  submit(false);
}

bool StreamWork::go_on() {
  const std::lock_guard lock(mutex_);
  if (state_ != State::Resting) return false;
  try {
    submit(true);
    state_ = State::Submitted;
  } catch (...) {  // the workers stop
    state_ = State::Over;
    stream_->finish_with("error",
                         last_event(*stream_, *call_, problem_of(std::current_exception()), *request_));
  }
  return true;
}

bool StreamWork::give_up() {
  const std::lock_guard lock(mutex_);
  if (state_ == State::Submitted && !workers_.withdraw(ticket_)) return false;
  state_ = State::Over;
  return true;
}

void StreamWork::step() {
  bool more = false;
  try {
    if (call_->ending() != Ending::None) throw Cancelled("ended before it began");
    more = streaming_.run(*call_, *stream_);
    if (!more) stream_->finish();
  } catch (...) {
    const Problem problem = problem_in(*call_, std::current_exception());
    note_fault_(problem.cause);
    stream_->finish_with("error", last_event(*stream_, *call_, problem, *request_));
  }
  {
    const std::lock_guard lock(mutex_);
    state_ = more ? State::Resting : State::Over;
  }
  if (more) stream_->wake();
}

}  // namespace odordiff::server
