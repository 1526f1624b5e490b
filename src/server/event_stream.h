// Events on their way from a worker to a client: a bounded buffer that holds the worker back when the client
// reads slowly, and the two ways in which events are written (Server-Sent Events, JSON lines).
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>

#include "server/json_body.h"

namespace odordiff::server {

class EventStream {
 public:
  enum class Form { ServerSentEvents, JsonLines };

  EventStream(Form form, std::size_t most_bytes) : form_(form), most_bytes_(most_bytes) {}

  // For the worker. send() waits while the buffer is full, and throws Cancelled when nobody reads any more.
  void send(const std::string& event, const Json& data);
  // As send(), but leaves the event alone and returns false where it would wait or throw.
  bool try_send(const std::string& event, const Json& data);
  // What the next beat() says; replaces what was not said yet. Never waits.
  void progress(Json data);
  // Nothing follows.
  void finish();

  // For the connection. `wake` is called, on the worker's thread, when there is something to take.
  void on_news(std::function<void()> wake);
  struct Taken {
    std::string bytes;
    bool finished = false;
  };
  Taken take();
  // The latest progress as an event, else a comment (an empty line in JSON lines) that shows that the stream
  // lives.
  std::string beat();
  // How a stream begins: the time after which a browser connects again.
  std::string preamble() const;
  // The client is gone, or dropped: whoever sends is released.
  void close();

 private:
  std::string written(const std::string& event, const Json& data);  // REQUIRES: mutex_

  const Form form_;
  const std::size_t most_bytes_;
  std::mutex mutex_;
  std::condition_variable room_;
  std::function<void()> wake_;
  std::string bytes_;
  Json progress_;
  std::uint64_t next_id_ = 1;
  bool finished_ = false, closed_ = false;
};

}  // namespace odordiff::server
