// Which handler answers a request.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "server/call.h"
#include "server/event_stream.h"
#include "server/http.h"
#include "server/workers.h"

namespace odordiff::server {

// A stream that no worker stands behind: whoever has news sends it. It has no deadline but the client's own.
struct Feed {
  EventStream::Form form = EventStream::Form::ServerSentEvents;
  // Returns at once; what it returns is held until the stream is over, and must not wait when it goes.
  std::function<std::shared_ptr<void>(const std::shared_ptr<EventStream>&)> open;
};

// An answer that is made while it is read, since it is too large to be held for every reader.
struct Piece {
  std::string text;
  bool last = false;
};
struct Pieces {
  Response begin;  // with the first piece as its body
  // The piece after that, on a worker, until the last. What it throws cuts the answer short.
  std::function<Piece(Call&)> next;
};

// Work for a worker, who answers, or finds what is to be followed or read.
using Reply = std::variant<Response, Feed, Pieces>;
struct Work {
  Priority priority = Priority::Normal;
  std::function<Reply(Call&)> run;  // may throw what problem_of() knows
};

// Work whose answer is a stream, done in steps; what it throws becomes an `error` event.
struct Streaming {
  Priority priority = Priority::Normal;
  EventStream::Form form = EventStream::Form::ServerSentEvents;
  // One step: until all is sent, or the stream has no room. Whether there is more, for when there is room.
  std::function<bool(Call&, EventStream&)> run;
};

// An answer that somebody else is making: `start` returns at once and has `done` called once, from any
// thread. It may throw what problem_of() knows.
struct Deferred {
  using Done = std::function<void(Response)>;
  std::function<void(const std::shared_ptr<Call>&, const Done&)> start;
};

// A WebSocket: each text message is answered by a stream of text messages, one after another.
struct Socket {
  // May throw what problem_of() knows; the client is told, and the socket stays.
  std::function<Streaming(const std::string& message)> answer;
};
// Throws ProblemError 426 unless the request asks for a WebSocket, 400 where `early_bytes` were sent without
// waiting for the answer. Browsers let any page open one: that only own pages do is the gate's care.
void check_upgrade(const Request& request, std::size_t early_bytes);

// A handler runs on an IO thread, so it only reads the request, answers what is at hand and describes the
// rest as work.
using Outcome = std::variant<Response, Work, Deferred, Streaming, Feed, Pieces, Socket>;
using Handler = std::function<Outcome(const Request&)>;

struct Route {
  std::string method;   // GET also answers HEAD
  std::string pattern;  // "/jobs/{id}": {…} stands for one segment
  Handler handle;
  bool takes_json = false;  // the body must be application/json
};

class Router {
 public:
  void add(Route route) { routes_.push_back(std::make_shared<const Route>(std::move(route))); }

  // The route of the request, and its parameters in request.parameters. Throws ProblemError 404, 405 with
  // Allow, or 400 for a path that is wrongly encoded.
  std::shared_ptr<const Route> find(Request& request) const;

  // Puts `wrap` around the handlers of all routes so far.
  void wrap(const std::function<Handler(Handler)>& wrap);

  const std::vector<std::shared_ptr<const Route>>& routes() const { return routes_; }

 private:
  std::vector<std::shared_ptr<const Route>> routes_;
};

// Throws ProblemError 415 for a body that the route does not take.
void require_media_type(const Route& route, const Request& request);

}  // namespace odordiff::server
