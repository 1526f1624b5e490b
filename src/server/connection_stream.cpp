// How a connection passes on what is made while it is read: streams of events, and long answers in pieces.
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
  // One without bytes would be the end.
  return bytes.empty() ? std::string() : fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes);
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
  out.work = std::make_shared<StreamWork>(
      context_.workers, std::move(streaming), request, out.call, out.stream,
      [&context = context_, request](const std::string& cause) { note_fault(context, *request, cause); });
  out.work->begin();
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
  const std::string begin = chunked ? chunk(first) : first;
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
  if (out.work) (void)out.work->give_up();
}

EventStream::Taken Connection::take(const Outgoing& out, const Request& request, Beats& beats) {
  Call& call = *out.call;
  if (call.deadline() && Clock::now() >= *call.deadline()) call.end(Ending::Deadline);
  if (call.ending() != Ending::None && (!out.work || out.work->give_up())) {
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
  if (out.stream->has_news()) co_return;
  if (out.work) (void)out.work->go_on();
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
    std::string written = chunked ? chunk(bytes) : std::move(bytes);
    if (last && chunked) written += "0\r\n\r\n";
    if (!written.empty()) {
      const bool good = co_await write(written, kNoBytes);
      if (!good) co_return false;
    }
    if (last) co_return true;
    if (written.empty()) co_await wait_for_news(out, beats);
  }
}

Awaitable<bool> Connection::write_pieces(const std::shared_ptr<const Request>& request, const Pieces& pieces,
                                         bool chunked, bool keep_alive) {
  static const std::string kEnd = "0\r\n\r\n";
  const std::string head = response_head(pieces.begin, std::nullopt, *request, keep_alive, chunked);
  if (request->method == "HEAD") co_return co_await write(head, kNoBytes);
  const auto piece = std::make_shared<Piece>(Piece{*pieces.begin.body, false});
  std::string written = chunked ? chunk(piece->text) : piece->text;
  bool good = co_await write(head, written);
  while (good && !piece->last) {
    Work work{Priority::Errand, [next = pieces.next, piece](Call& call) {
                *piece = next(call);
                return Response{};
              }};
    const Reply reply = co_await do_work(request, work);
    if (const auto& made = std::get<Response>(reply); made.status != 200) {
      note_fault(context_, *request, made.cause);
      co_return false;
    }
    written = chunked ? chunk(piece->text) : piece->text;
    if (piece->last && chunked) written += kEnd;
    good = co_await write(written, kNoBytes);
  }
  co_return good;
}

}  // namespace odordiff::server
