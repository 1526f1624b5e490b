// One client's connection: reads requests one after another, has each answered, and writes the answers in
// order.
#pragma once

#include <atomic>
#include <boost/beast/core/flat_buffer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "server/gatekeeper.h"
#include "server/http.h"
#include "server/http_server.h"
#include "server/problem.h"
#include "server/stream_coding.h"
#include "server/stream_work.h"
#include "server/transport.h"

namespace odordiff::server {

// What all connections share.
struct ConnectionContext {
  const HttpOptions& options;
  const Router& router;
  Workers& workers;
  HttpMetrics& metrics;
  observe::Logger& logger;
  Lifecycle& lifecycle;
  StreamCompressor& stream_compressor;
  std::atomic<std::size_t>& body_bytes;    // of requests that are being read or answered
  std::atomic<std::size_t>& unread_bytes;  // of answers that wait for their readers
  asio::ssl::context* tls = nullptr;       // null: plain TCP
  Gatekeeper* gate = nullptr;              // null: everybody may do everything
  observe::Tracer* tracer = nullptr;       // null: there are no spans
};

// The head of a stream's answer.
Response stream_head(EventStream::Form form);

// Lives on its socket's executor, the loop of one thread; drain() and abort() may be called from any thread.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(TcpSocket socket, ConnectionContext& context);

  void start(std::function<void()> on_end);
  void drain();     // ends it where it is between requests; else the next answer is its last
  void end_work();  // what it waits for is ended; it answers that the server shuts down
  void abort();

 private:
  using ErrorCode = boost::system::error_code;
  struct Reading;  // the parser, with what it holds
  struct Incoming {
    std::shared_ptr<Request> request;  // its body is empty until read_body()
    bool keep_alive = false;
    bool old_version = false;  // HTTP/1.0 knows no chunks
    std::shared_ptr<Reading> reading;
  };

  Awaitable<void> session();
  Awaitable<void> serve_requests();
  // Up to the end of the header. Empty where the connection is over. What is wrong with the request itself is
  // thrown, as ProblemError.
  Awaitable<std::optional<Incoming>> read_head();
  // Once the request is admitted. False where the connection is over; throws as read_head().
  Awaitable<bool> read_body(Reading& reading, Request& request, bool old_version);
  // Passes over the body of a request that is refused; false where more of it is to come, so that nothing can
  // follow on this connection.
  bool skip_body(Reading& reading);
  Awaitable<bool> answer(Incoming& incoming);
  Awaitable<Reply> do_work(const std::shared_ptr<const Request>& request, Work& work);
  Awaitable<Reply> await_deferred(const std::shared_ptr<const Request>& request, Deferred& deferred);
  // A reply that another thread will put into `place`, on this connection's; false where the call ended
  // first.
  using Place = std::shared_ptr<std::optional<Reply>>;
  std::function<void(Reply)> put_into(const Place& place);
  Awaitable<bool> is_there(const Place& place, const std::shared_ptr<Call>& call);

  // A stream being written, and the work behind it (null: others send).
  struct Outgoing {
    std::shared_ptr<EventStream> stream;
    std::shared_ptr<Call> call;
    std::shared_ptr<StreamWork> work = nullptr;
  };
  Outgoing begin(const std::shared_ptr<const Request>& request, Streaming& streaming);
  // When a stream shows that it lives.
  struct Beats {
    explicit Beats(const HttpOptions& options) : every(options.beat_ms), next(Clock::now() + every) {}
    std::chrono::milliseconds every;
    Clock::time_point next;
  };
  // What is to be written now. A stream whose call has ended, and behind which nobody is at work, ends here.
  EventStream::Taken take(const Outgoing& out, const Request& request, Beats& beats);
  // Lets the work go on where the reader has room, then waits, unless there is news.
  Awaitable<void> wait_for_news(const Outgoing& out, const Beats& beats);
  // From now on this connection passes the stream on; `good`: it was read to its end.
  void take_up(const Outgoing& out);
  void let_go(const Outgoing& out, bool good);
  // Until there is news for whoever waits, or this time.
  Awaitable<void> wait_until(Clock::time_point until);
  // False where the connection cannot go on.
  Awaitable<bool> write_stream(const Outgoing& out, const Request& request, bool chunked, bool keep_alive);
  Awaitable<bool> pass_on(const Outgoing& out, const Request& request, StreamCoding& coding, bool chunked);
  Awaitable<bool> write_response(const Response& response, const Request& request, bool keep_alive);
  // Without chunks the connection's end is the body's.
  Awaitable<bool> write_pieces(const std::shared_ptr<const Request>& request, const Pieces& pieces,
                               bool chunked, bool keep_alive);
  Awaitable<bool> write(const std::string& head, const std::string& body);
  // Speaks WebSocket from now on, until either side has enough of it.
  struct WebSocketState;
  Awaitable<void> serve_socket(const std::shared_ptr<const Request>& request, Socket& socket);
  Awaitable<void> read_messages(WebSocketState& state);
  Awaitable<bool> answer_message(WebSocketState& state, const std::shared_ptr<const Request>& request,
                                 const Socket& socket);
  Awaitable<bool> send_events(WebSocketState& state, const Outgoing& out, const Request& request);
  Awaitable<bool> send_message(WebSocketState& state, const std::string& text);
  // Lets the client read the last answer before the rest of what it sends is refused.
  Awaitable<void> linger();

  // `standard`: its deadline without X-Request-Timeout.
  std::shared_ptr<Call> make_call(const Request& request, std::optional<Clock::time_point> standard) const;
  std::shared_ptr<Call> make_call(const Request& request) const;
  void watch_client();
  Awaitable<void> stop_watching();
  void allow_ms(int ms);
  // How long a reader may take: so long without a byte, and not below a certain rate. Where the answers that
  // wait for their readers hold too much memory together, whoever takes nothing is dropped soon.
  void wait_for_reader();
  void reader_took(std::size_t bytes);
  void reader_is_done();
  bool is_late() const;
  void note_sent(std::size_t bytes);
  void watchdog();
  void finished(const Route* route, const Request& request, int status);
  // Says what went wrong on our side in answering `request`; nothing for an empty `cause`. From any thread.
  static void note_fault(const ConnectionContext& context, const Request& request, const std::string& cause);
  void record_span(const Route* route, const Request& request, int status, double seconds);

  Transport transport_;
  std::string peer_, local_;  // addresses
  ConnectionContext& context_;
  boost::beast::flat_buffer buffer_;
  Timer wake_;      // cancelled when there is news for whoever waits
  Timer watchdog_;  // cancels the socket's operations when they take too long
  std::optional<Clock::time_point> allowed_until_;
  std::optional<Clock::time_point> reader_took_at_;  // last, while an answer waits for its reader
  std::shared_ptr<Call> call_;                       // at work now
  Clock::time_point began_;                          // of the request
  std::uint64_t sent_bytes_ = 0;                     // of the answer
  bool timed_out_ = false, idle_ = false, client_left_ = false, ended_ = false;
  bool watching_ = false;  // a read is under way, into the buffer
};

}  // namespace odordiff::server
