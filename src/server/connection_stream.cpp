// How a connection passes a stream of events on from its worker.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>

#include "server/connection.h"

namespace odordiff::server {
namespace {

const std::string kNoBytes;

std::string chunk(const std::string& bytes) {
  return fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes);
}

// What a stream that failed ends with. One that the server's end cuts off says whether it can be resumed.
Json last_event(EventStream& stream, const Call& call, const Problem& problem, const Request& request) {
  Json json = Json::parse(problem_text(problem, request));
  if (call.ending() != Ending::Shutdown) return json;
  const auto id = stream.resume_id();
  json["resumable"] = id.has_value();
  if (id) json["last_event_id"] = *id;
  return json;
}

}  // namespace

Response stream_head(EventStream::Form form) {
  Response head;
  head.content_type =
      form == EventStream::Form::ServerSentEvents ? "text/event-stream" : "application/x-ndjson";
  head.headers = {{"Cache-Control", "no-store"}, {"Vary", "Accept-Encoding"}, {"X-Accel-Buffering", "no"}};
  return head;
}

Connection::Outgoing Connection::begin(const std::shared_ptr<const Request>& request, Streaming& streaming) {
  Outgoing out{std::make_shared<EventStream>(streaming.form, context_.options.stream_buffer_bytes),
               make_call(*request)};
  out.ticket = context_.workers.submit(
      out.call, streaming.priority,
      [&context = context_, call = out.call, stream = out.stream, request, run = std::move(streaming.run)] {
        try {
          if (call->ending() != Ending::None) throw Cancelled("ended before it began");
          run(*call, *stream);
          stream->finish();
        } catch (...) {
          const Problem problem = problem_in(*call, std::current_exception());
          note_fault(context, *request, problem.cause);
          stream->finish_with("error", last_event(*stream, *call, problem, *request));
        }
      });
  return out;
}

Awaitable<bool> Connection::write_stream(const Outgoing& out, const Request& request, bool chunked,
                                         bool keep_alive) {
  take_up(out);
  watch_client();
  Response head = stream_head(out.stream->form());
  const auto coding = context_.stream_compressor.begin(request.header("accept-encoding"));
  if (coding->coding() != Coding::Identity) {
    head.headers.emplace_back("Content-Encoding", name_of(coding->coding()));
  }
  // Named, for GCC 12 destroys temporaries of some awaiting expressions twice.
  const std::string first = coding->encoded(out.stream->preamble(), false);
  const std::string begin = first.empty() || !chunked ? first : chunk(first);
  const std::string lines = response_head(head, std::nullopt, request, keep_alive, chunked);
  bool good = co_await write(lines, begin);
  if (good) good = co_await pass_on(out, request, *coding, chunked);
  let_go(out, good);
  co_return good;
}

void Connection::take_up(const Outgoing& out) {
  call_ = out.call;
  out.stream->on_news([weak = weak_from_this()] {
    if (const auto self = weak.lock())
      asio::post(self->transport_.get_executor(), [self] { self->wake_.cancel(); });
  });
  context_.metrics.streams.add(1);
}

void Connection::let_go(const Outgoing& out, bool good) {
  context_.metrics.streams.add(-1);
  call_.reset();
  out.stream->close();
  if (good) return;
  out.call->end(Ending::ClientLeft);
  (void)context_.workers.withdraw(out.ticket);
}

EventStream::Taken Connection::take(const Outgoing& out, const Request& request, Beats& beats) {
  Call& call = *out.call;
  if (call.deadline() && Clock::now() >= *call.deadline()) call.end(Ending::Deadline);
  if (call.ending() != Ending::None && (out.ticket == 0 || context_.workers.withdraw(out.ticket))) {
    out.stream->finish_with("error", last_event(*out.stream, call, ended_problem(call), request));
  }
  EventStream::Taken taken = out.stream->take();
  if (Clock::now() >= beats.next && !taken.finished) {
    taken.bytes += out.stream->beat();
    beats.next = Clock::now() + beats.every;
  }
  return taken;
}

Awaitable<void> Connection::wait_for_news(const Outgoing& out, const Beats& beats) {
  auto until = beats.next;
  const Call& call = *out.call;
  if (call.deadline() && call.ending() == Ending::None) until = std::min(until, *call.deadline());
  co_await wait_until(until);
}

Awaitable<bool> Connection::pass_on(const Outgoing& out, const Request& request, StreamCoding& coding,
                                    bool chunked) {
  Beats beats(context_.options);
  while (true) {
    if (client_left_) co_return false;
    auto [plain, last] = take(out, request, beats);
    std::string bytes = coding.encoded(std::move(plain), last);
    std::string written = bytes.empty() || !chunked ? std::move(bytes) : chunk(bytes);
    if (last && chunked) written += "0\r\n\r\n";
    if (!written.empty()) {
      const bool good = co_await write(written, kNoBytes);
      if (!good) co_return false;
    }
    if (last) co_return true;
    if (written.empty() && !out.stream->has_news()) co_await wait_for_news(out, beats);
  }
}

}  // namespace odordiff::server
