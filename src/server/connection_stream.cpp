// How a connection passes a stream of events on from its worker.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "server/connection.h"

namespace odordiff::server {
namespace {

const std::string kNoBytes;

std::string chunk(const std::string& bytes) {
  return fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes);
}

}  // namespace

Connection::Awaitable<bool> Connection::do_stream(const std::shared_ptr<const Request>& request,
                                                  Streaming& streaming, bool chunked, bool keep_alive,
                                                  int& status) {
  const auto stream = std::make_shared<EventStream>(streaming.form, context_.options.stream_buffer_bytes);
  std::shared_ptr<Call> call;
  std::uint64_t ticket = 0;
  std::optional<Response> refusal;
  try {
    call = make_call(*request);
    ticket = context_.workers.submit(
        call, streaming.priority, [call, request, stream, run = std::move(streaming.run)] {
          try {
            if (call->ending() != Ending::None) throw Cancelled("ended before it began");
            run(*call, *stream);
          } catch (...) {
            try {
              const Problem problem = problem_in(*call, std::current_exception());
              stream->send("error", Json::parse(problem_text(problem, *request)));
            } catch (const Error&) {  // nobody reads it
            }
          }
          stream->finish();
        });
  } catch (...) {
    refusal = problem_response(problem_of(std::current_exception()), *request);
  }
  if (refusal) {
    status = refusal->status;
    co_return co_await write_response(*refusal, *request, keep_alive);
  }
  call_ = call;
  stream->on_news([weak = weak_from_this()] {
    if (const auto self = weak.lock())
      asio::post(self->socket_.get_executor(), [self] { self->wake_.cancel(); });
  });
  watch_client();
  status = 200;
  Response head;
  head.content_type =
      streaming.form == EventStream::Form::ServerSentEvents ? "text/event-stream" : "application/x-ndjson";
  head.headers = {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}};
  // Named, for GCC 12 destroys temporaries of some awaiting expressions twice.
  const std::string first = stream->preamble();
  const std::string begin = first.empty() || !chunked ? first : chunk(first);
  const std::string lines = response_head(head, std::nullopt, *request, keep_alive, chunked);
  context_.metrics.streams.add(1);
  bool good = co_await write(lines, begin);
  if (good) good = co_await pass_on(*stream, call, ticket, *request, chunked);
  context_.metrics.streams.add(-1);
  call_.reset();
  stream->close();
  if (!good) {
    call->end(Ending::ClientLeft);
    (void)context_.workers.withdraw(ticket);
  }
  co_return good;
}

Connection::Awaitable<bool> Connection::pass_on(EventStream& stream, const std::shared_ptr<Call>& call,
                                                std::uint64_t ticket, const Request& request, bool chunked) {
  const auto beat = std::chrono::milliseconds(context_.options.beat_ms);
  auto next_beat = Clock::now() + beat;
  while (true) {
    if (client_left_) co_return false;
    auto [bytes, last] = stream.take();
    if (Clock::now() >= *call->deadline() && call->ending() == Ending::None) {
      call->end(Ending::Deadline);
      if (context_.workers.withdraw(ticket)) {
        stream.send("error", Json::parse(problem_text(ended_problem(*call), request)));
        stream.finish();
        continue;
      }
    }
    if (Clock::now() >= next_beat && !last) {
      bytes += stream.beat();
      next_beat = Clock::now() + beat;
    }
    std::string written = bytes.empty() || !chunked ? std::move(bytes) : chunk(bytes);
    if (last && chunked) written += "0\r\n\r\n";
    if (!written.empty()) {
      const bool good = co_await write(written, kNoBytes);
      if (!good) co_return false;
    }
    if (last) co_return true;
    if (!written.empty()) continue;  // there may be news since
    ErrorCode ignored;
    wake_.expires_at(call->ending() == Ending::None ? std::min(next_beat, *call->deadline()) : next_beat);
    co_await wake_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

}  // namespace odordiff::server
