// Events on their way from a worker to a client: a buffer that says when it holds enough for a client that
// reads slowly, and the two ways in which events are written (Server-Sent Events, JSON lines).
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "server/json.h"

namespace odordiff::server {

class EventStream {
 public:
  enum class Form { ServerSentEvents, JsonLines };

  // `enough_bytes`: with so many in the buffer there is no room.
  EventStream(Form form, std::size_t enough_bytes) : form_(form), enough_bytes_(enough_bytes) {}

  Form form() const { return form_; }

  // Events are numbered from 1, unless whoever sends them gives ids of its own by which a client can resume:
  // then only those have one.
  void give_own_ids();

  // For the worker, whom no slow reader holds up: whoever has much to send looks for room between. Throws
  // Cancelled when nobody reads any more. `id`: a whole number, for streams with ids of their own.
  void send(const std::string& event, const Json& data, const std::string& id = {});
  bool has_room();
  // As send(), of JSON that is text already; false, and nothing is sent, where there is no room or nobody
  // reads any more.
  bool try_send_text(std::string_view event, std::string_view json, std::string_view id);
  // What the next beat() says; replaces what was not said yet. Never waits.
  void progress(Json data);
  // Who is asked for it at each beat, instead; null: nothing to say. It must not come back here.
  void progress_from(std::function<Json()> ask);
  // `have_room` is called, on the connection's thread, when there is room again after try_send_text() had
  // none.
  void on_room(std::function<void()> have_room);
  // The last id of its own that was given, from where a client resumes; nothing for numbered events.
  std::optional<std::string> resume_id();
  // Nothing follows.
  void finish();
  // A last event, though the buffer be full.
  void finish_with(std::string_view event, const Json& data);

  // For the connection. `wake` is called, on the worker's thread, when there is something to take.
  void on_news(std::function<void()> wake);
  void wake();  // as if there were news
  struct Taken {
    std::string bytes;
    bool finished = false;
  };
  Taken take();
  bool has_news();  // whether take() would find any
  // The latest progress as an event, else a comment (an empty line in JSON lines) that shows that the stream
  // lives.
  std::string beat();
  // How a stream begins: the time after which a browser connects again.
  std::string preamble() const;
  // The client is gone, or dropped: whoever sends is released.
  void close();

 private:
  // REQUIRES: mutex_
  std::string written(std::string_view event, std::string_view json, std::string_view id);
  std::string numbered(std::string_view event, const Json& data, const std::string& own_id = {});

  const Form form_;
  const std::size_t enough_bytes_;
  std::mutex mutex_;
  std::function<void()> wake_, have_room_;
  std::function<Json()> ask_progress_;
  std::string bytes_;
  Json progress_;
  std::uint64_t next_id_ = 1;
  std::string last_own_id_;
  bool own_ids_ = false, room_wanted_ = false, finished_ = false, closed_ = false;
};

}  // namespace odordiff::server
