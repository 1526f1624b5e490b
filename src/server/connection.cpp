#include "server/connection.h"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>
#include <cmath>

#include <fmt/format.h>

#include "base/numbers.h"
#include "server/gate/known_host.h"

namespace odordiff::server {
namespace {

constexpr std::size_t kReadAhead = 16 * 1024;  // of pipelined requests, while one is at work
constexpr int kLinger_ms = 1'000;
constexpr std::size_t kLingerBytes = 2 * 1024 * 1024;
constexpr double kLongestDeadline_s = 3600;

}  // namespace

// Of a stream, HEAD gets the head alone, and nobody works for it.
static void head_of_stream(Outcome& outcome) {
  std::optional<EventStream::Form> form;
  if (const auto* streaming = std::get_if<Streaming>(&outcome)) form = streaming->form;
  if (const auto* feed = std::get_if<Feed>(&outcome)) form = feed->form;
  if (form) outcome = stream_head(*form);
}

Connection::Connection(TcpSocket socket, ConnectionContext& context)
    : transport_(std::move(socket), context.tls),
      context_(context),
      buffer_(context.options.max_header_bytes + kReadAhead),
      wake_(transport_.get_executor()),
      watchdog_(transport_.get_executor()) {}

void Connection::start(std::function<void()> on_end) {
  peer_ = transport_.peer_address();
  local_ = transport_.local_address();
  asio::co_spawn(
      transport_.get_executor(), [self = shared_from_this()] { return self->session(); },
      [self = shared_from_this(), on_end = std::move(on_end)](const std::exception_ptr& thrown) {
        if (thrown) self->context_.logger.log(observe::Level::Error, "a connection ended by a fault of ours");
        self->ended_ = true;
        self->transport_.close();
        self->watchdog_.cancel();
        on_end();
      });
}

void Connection::drain() {
  asio::post(transport_.get_executor(), [self = shared_from_this()] {
    if (self->idle_) self->transport_.cancel();
    self->wake_.cancel();
  });
}

void Connection::end_work() {
  asio::post(transport_.get_executor(), [self = shared_from_this()] {
    if (self->call_) self->call_->end(Ending::Shutdown);
    self->wake_.cancel();
  });
}

void Connection::abort() {
  asio::post(transport_.get_executor(), [self = shared_from_this()] {
    self->transport_.close();
    if (self->call_) self->call_->end(Ending::Shutdown);
    self->client_left_ = true;
    self->wake_.cancel();
  });
}

Awaitable<void> Connection::session() {
  watchdog();
  allow_ms(context_.options.header_timeout_ms);
  const bool good = co_await transport_.shake_hands();
  if (!good) co_return;
  co_await serve_requests();
}

Awaitable<void> Connection::serve_requests() {
  while (true) {
    std::optional<Incoming> incoming;
    std::optional<Problem> problem;
    try {
      std::optional<Incoming> read = co_await read_head();
      incoming = std::move(read);
    } catch (const ProblemError& error) {
      problem = error.problem();
    }
    if (problem) {
      // Where the message ends is not known any more, so nothing can follow on this connection.
      Request unread;
      unread.id = new_request_id();
      const Response response = problem_response(*problem, unread);
      (void)co_await write_response(response, unread, false);
      finished(nullptr, unread, problem->status);
      break;
    }
    if (!incoming) co_return;
    const bool goes_on = co_await answer(*incoming);
    if (!goes_on) break;
  }
  co_await linger();
}

Awaitable<bool> Connection::answer(Incoming& incoming) {
  const std::shared_ptr<Request> request = std::move(incoming.request);
  const std::shared_ptr<Reading> reading = std::move(incoming.reading);
  enum class Body { Untouched, Begun, Read } body = Body::Untouched;
  bool keep_alive = incoming.keep_alive && !context_.lifecycle.draining.load();
  std::shared_ptr<const Route> route;
  std::optional<Outcome> outcome;
  std::optional<Outgoing> stream;
  std::shared_ptr<void> feeding, counted;  // held until the stream is over
  try {
    std::exception_ptr lost;
    try {
      route = context_.router.find(*request);
      request->route = route->pattern;
    } catch (const ProblemError&) {
      lost = std::current_exception();
    }
    request->address = peer_;
    request->local_address = local_;
    // It holds for every port of a name, so not for one that other services of a machine have too.
    if (context_.options.tls.wanted() && context_.options.hsts_s > 0 &&
        !is_loopback_host(host_without_port(request->header("host")))) {
      request->answer_headers.emplace_back("Strict-Transport-Security",
                                           fmt::format("max-age={}", context_.options.hsts_s));
    }
    std::optional<Response> early;
    if (context_.gate != nullptr) early = context_.gate->admit(*request, route.get());
    if (early) {
      outcome = std::move(*early);
    } else if (lost) {
      std::rethrow_exception(lost);
    } else {
      require_media_type(*route, *request);
      if (route->takes_json) {  // nobody waits for a body that nobody reads
        body = Body::Begun;
        const bool whole = co_await read_body(*reading, *request, incoming.old_version);
        if (!whole) co_return false;
        body = Body::Read;
      }
      outcome = route->handle(*request);
    }
    std::optional<Reply> reply;
    if (auto* work = std::get_if<Work>(&*outcome)) {
      Reply made = co_await do_work(request, *work);
      reply = std::move(made);
    } else if (auto* deferred = std::get_if<Deferred>(&*outcome)) {
      Reply made = co_await await_deferred(request, *deferred);
      reply = std::move(made);
    }
    if (reply) std::visit([&](auto& given) { outcome = std::move(given); }, *reply);
    if (request->method == "HEAD") head_of_stream(*outcome);
    if (context_.gate != nullptr && !std::holds_alternative<Response>(*outcome)) {
      counted = context_.gate->begin_stream(*request);
    }
    if (auto* streaming = std::get_if<Streaming>(&*outcome)) {
      stream = begin(request, *streaming);
    } else if (auto* feed = std::get_if<Feed>(&*outcome)) {
      stream = Outgoing{std::make_shared<EventStream>(feed->form, context_.options.stream_buffer_bytes),
                        make_call(*request, std::nullopt)};
      feeding = feed->open(stream->stream);
    } else if (std::holds_alternative<Socket>(*outcome)) {
      check_upgrade(*request, buffer_.size());
    }
  } catch (...) {
    stream.reset();
    outcome = problem_response(problem_of(std::current_exception()), *request);
  }
  if (body != Body::Read && (body == Body::Begun || !skip_body(*reading))) keep_alive = false;
  if (auto* socket = std::get_if<Socket>(&*outcome)) {
    co_await serve_socket(request, *socket);
    finished(route.get(), *request, 101);
    co_return false;
  }
  int status = 200;
  bool good = false;
  if (stream) {
    keep_alive = keep_alive && !incoming.old_version;
    good = co_await write_stream(*stream, *request, !incoming.old_version, keep_alive);
  } else if (auto* pieces = std::get_if<Pieces>(&*outcome)) {
    keep_alive = keep_alive && !incoming.old_version;
    good = co_await write_pieces(request, *pieces, !incoming.old_version, keep_alive);
  } else {
    const Response& response = std::get<Response>(*outcome);
    keep_alive = keep_alive && !response.close && !context_.lifecycle.draining.load();
    status = response.status;
    note_fault(context_, *request, response.cause);
    good = co_await write_response(response, *request, keep_alive);
  }
  finished(route.get(), *request, status);
  co_return good&& keep_alive && !context_.lifecycle.draining.load();
}

std::shared_ptr<Call> Connection::make_call(const Request& request) const {
  return make_call(request, Clock::now() + std::chrono::milliseconds(context_.options.deadline_ms));
}

std::shared_ptr<Call> Connection::make_call(const Request& request,
                                            std::optional<Clock::time_point> standard) const {
  auto deadline = standard;
  if (request.has_header("x-request-timeout")) {
    const std::string_view text = request.header("x-request-timeout");
    const auto seconds = number_in<double>(text);
    if (!seconds || !(*seconds > 0 && *seconds <= kLongestDeadline_s)) {
      const std::string detail = fmt::format("must be seconds, above 0 and at most {:g}", kLongestDeadline_s);
      throw ProblemError(
          {400, "invalid-header", "X-Request-Timeout " + detail, {{"X-Request-Timeout", detail}}});
    }
    deadline =
        Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(*seconds));
  }
  auto call = std::make_shared<Call>(deadline);
  if (request.sampled) call->belongs_to({context_.tracer, request.trace_id, request.span_id});
  return call;
}

std::function<void(Reply)> Connection::put_into(const Place& place) {
  return [self = shared_from_this(), place](Reply reply) {
    asio::post(self->transport_.get_executor(), [self, place, reply = std::move(reply)]() mutable {
      *place = std::move(reply);
      self->wake_.cancel();
    });
  };
}

Awaitable<bool> Connection::is_there(const Place& place, const std::shared_ptr<Call>& call) {
  call_ = call;
  watch_client();
  while (!*place && call->ending() == Ending::None && Clock::now() < *call->deadline()) {
    co_await wait_until(*call->deadline());
  }
  call_.reset();
  if (*place) co_return true;
  call->end(Ending::Deadline);  // unless it has ended otherwise
  co_return false;
}

Awaitable<Reply> Connection::do_work(const std::shared_ptr<const Request>& request, Work& work) {
  const auto call = make_call(*request);
  const auto place = std::make_shared<std::optional<Reply>>();
  const auto ticket = context_.workers.submit(
      call, work.priority, [call, request, put = put_into(place), run = std::move(work.run)] {
        try {
          if (call->ending() != Ending::None) throw Cancelled("ended before it began");
          put(run(*call));
        } catch (...) {
          put(problem_response(problem_in(*call, std::current_exception()), *request));
        }
      });
  const bool there = co_await is_there(place, call);
  if (there) co_return std::move(**place);
  (void)context_.workers.withdraw(ticket);
  co_return problem_response(ended_problem(*call), *request);
}

Awaitable<Reply> Connection::await_deferred(const std::shared_ptr<const Request>& request,
                                            Deferred& deferred) {
  const auto call = make_call(*request);
  const auto place = std::make_shared<std::optional<Reply>>();
  deferred.start(call, put_into(place));
  const bool there = co_await is_there(place, call);
  if (there) co_return std::move(**place);
  co_return problem_response(ended_problem(*call), *request);
}

Awaitable<void> Connection::wait_until(Clock::time_point until) {
  ErrorCode ignored;
  wake_.expires_at(until);
  co_await wake_.async_wait(asio::redirect_error(use_awaitable, ignored));
}

Awaitable<void> Connection::linger() {
  co_await stop_watching();
  allow_ms(kLinger_ms);
  co_await transport_.end_sending();
  ErrorCode error;
  std::array<char, 4096> refused{};
  for (std::size_t read = 0; !error && read < kLingerBytes;) {
    const std::size_t part = co_await transport_.async_read_some(asio::buffer(refused),
                                                                 asio::redirect_error(use_awaitable, error));
    read += part;
  }
}

// While a request is at work a read is kept under way, since a client that leaves would go unnoticed. What it
// finds at the end of the stream is remembered: another read would wait for news of it in vain.
void Connection::watch_client() {
  if (watching_ || client_left_ || buffer_.size() >= kReadAhead) return;
  watching_ = true;
  transport_.async_read_some(buffer_.prepare(1024),
                             [self = shared_from_this()](const ErrorCode& error, std::size_t read) {
                               self->watching_ = false;
                               self->buffer_.commit(read);
                               if (!error) {
                                 if (self->call_) self->watch_client();
                               } else if (error != asio::error::operation_aborted) {
                                 self->client_left_ = true;
                                 if (self->call_) {
                                   self->context_.metrics.clients_left.add();
                                   self->call_->end(Ending::ClientLeft);
                                 }
                               }
                               self->wake_.cancel();
                             });
}

// Before anybody else reads.
Awaitable<void> Connection::stop_watching() {
  if (watching_) transport_.cancel();
  while (watching_) co_await wait_until(Clock::time_point::max());
}

void Connection::allow_ms(int ms) {
  timed_out_ = false;
  allowed_until_ = Clock::now() + std::chrono::milliseconds(ms);
}

// One timer for all limits: setting one costs nothing, at the price of noticing it up to a tick late.
void Connection::watchdog() {
  const auto& o = context_.options;
  const int tick_ms =
      std::min({1'000, o.idle_timeout_ms, o.header_timeout_ms, o.body_timeout_ms, o.write_timeout_ms});
  watchdog_.expires_after(std::chrono::milliseconds(tick_ms));
  watchdog_.async_wait([self = shared_from_this()](const ErrorCode& error) {
    if (error || self->ended_) return;
    if (self->is_late()) {
      self->timed_out_ = true;
      self->reader_is_done();
      self->transport_.cancel();
    }
    self->watchdog();
  });
}

void Connection::note_fault(const ConnectionContext& context, const Request& request,
                            const std::string& cause) {
  if (cause.empty()) return;
  context.metrics.faults.add();
  context.logger.log(observe::Level::Error, "a fault of ours",
                     {{"request_id", request.id},
                      {"trace_id", request.trace_id},
                      {"method", request.method},
                      {"route", request.route},
                      {"cause", cause}});
}

void Connection::finished(const Route* route, const Request& request, int status) {
  const double seconds = std::chrono::duration<double>(Clock::now() - began_).count();
  context_.metrics.count(route, status, seconds);
  if (context_.gate != nullptr) context_.gate->answered(request, route, status);
  if (context_.tracer != nullptr && request.sampled) record_span(route, request, status, seconds);
  if (!context_.options.access_log && status < 500) return;
  const auto level = status >= 500 && status != 503 ? observe::Level::Warning : observe::Level::Info;
  context_.logger.log(level, "request",
                      {{"request_id", request.id},
                       {"trace_id", request.trace_id},
                       {"method", request.method},
                       {"route", route == nullptr ? "none" : route->pattern},
                       {"status", status},
                       {"ms", std::round(seconds * 1e6) / 1e3},
                       {"bytes", sent_bytes_}});
}

// Names and attributes as OpenTelemetry's semantic conventions for HTTP servers have them. The path is left
// out: a molecule may stand in it.
void Connection::record_span(const Route* route, const Request& request, int status, double seconds) {
  observe::Span span;
  span.trace_id = request.trace_id;
  span.span_id = request.span_id;
  span.parent_id = request.parent_span_id;
  span.kind = observe::Span::Kind::Server;
  span.end = std::chrono::system_clock::now();
  span.start = span.end - std::chrono::duration_cast<std::chrono::system_clock::duration>(
                              std::chrono::duration<double>(seconds));
  span.name = route == nullptr ? request.method : request.method + " " + route->pattern;
  span.attributes = {{"http.request.method", request.method},
                     {"http.response.status_code", std::int64_t{status}},
                     {"odordiff.request_id", request.id}};
  if (route != nullptr) span.attributes.emplace_back("http.route", route->pattern);
  span.failed = status >= 500;
  context_.tracer->record(std::move(span));
}

}  // namespace odordiff::server
