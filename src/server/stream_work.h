// The work behind a stream. Workers do it a step at a time, each once the reader has taken what the last one
// found, so that no worker waits for a reader.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>

#include "server/problem.h"
#include "server/router.h"

namespace odordiff::server {

class StreamWork : public std::enable_shared_from_this<StreamWork> {
 public:
  // All of them live as long as this. `note_fault` is told what went wrong on our side; it may be called from
  // any thread.
  StreamWork(Workers& workers, Streaming streaming, std::shared_ptr<const Request> request,
             std::shared_ptr<Call> call, std::shared_ptr<EventStream> stream,
             std::function<void(const std::string& cause)> note_fault);

  // The first step. Throws as Workers::submit. REQUIRES: called once.
  void begin();
  // For the reader, who has room: the next step, where there is one and nobody is at it. Whether there was.
  bool go_on();
  // Whether nobody is at work on it; then nobody will be.
  bool give_up();

 private:
  void submit(bool accepted_before);  // REQUIRES: mutex_ is held
  void step();

  Workers& workers_;
  const Streaming streaming_;
  const std::shared_ptr<const Request> request_;
  const std::shared_ptr<Call> call_;
  const std::shared_ptr<EventStream> stream_;
  const std::function<void(const std::string&)> note_fault_;
  enum class State { Submitted, Resting, Over };
  std::mutex mutex_;
  State state_ = State::Submitted;  // guarded by mutex_, as is ticket_
  std::uint64_t ticket_ = 0;
};

// What a stream that failed ends with. One that the server's end cuts off says whether it can be resumed.
Json last_event(EventStream& stream, const Call& call, const Problem& problem, const Request& request);

}  // namespace odordiff::server
