// How a connection speaks WebSocket (RFC 6455): a message is read and checked, and answered by the same
// streams that answer over HTTP. Beast keeps to the protocol and closes by itself with 1002, 1007 and 1009.
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/zlib/error.hpp>
#include <deque>

#include "server/connection.h"

namespace odordiff::server {
namespace {

namespace beast = boost::beast;
namespace websocket = beast::websocket;
using Handshake = beast::http::request<beast::http::empty_body>;

constexpr std::size_t kReadAtOnce = 64 * 1024, kFrameBytes = 64 * 1024;
constexpr std::size_t kMostWaiting = 4;  // messages, while one is answered
constexpr const char* kNewline = "\n";

// Compression in some 30 kB a connection, instead of the 300 kB of its largest window.
websocket::permessage_deflate compression() {
  websocket::permessage_deflate out;
  out.server_enable = true;
  out.server_max_window_bits = 12;
  out.client_max_window_bits = 12;
  out.memLevel = 4;
  out.compLevel = 4;
  return out;
}

Handshake handshake_of(const Request& request) {
  Handshake out(beast::http::verb::get, request.target, 11);
  for (const auto& [name, value] : request.headers) out.insert(name, value);
  return out;
}

}  // namespace

struct Connection::WebSocketState {
  explicit WebSocketState(Transport& transport) : stream(transport) {}
  websocket::stream<Transport&> stream;
  std::deque<std::string> messages;
  websocket::close_code close = websocket::close_code::none;  // why it is to be closed
  bool reading = true;
  std::size_t held = 0;  // bytes of messages, in context.body_bytes
  void let_go(const ConnectionContext& context, std::size_t bytes) {
    context.body_bytes.fetch_sub(bytes);
    held -= bytes;
  }
  bool cannot_be_inflated = false;  // what came: Beast says nothing of it to the client
};

Awaitable<void> Connection::serve_socket(const std::shared_ptr<const Request>& request, Socket& socket) {
  WebSocketState state(transport_);
  auto& stream = state.stream;
  const auto& options = context_.options;
  allowed_until_.reset();
  stream.set_option(websocket::stream_base::timeout{std::chrono::milliseconds(options.header_timeout_ms),
                                                    std::chrono::milliseconds(options.idle_timeout_ms),
                                                    true});
  stream.set_option(compression());
  // By reference: Beast 1.74 does not destroy what a decorator holds.
  stream.set_option(
      websocket::stream_base::decorator([&asked = *request](websocket::response_type& response) {
        response.set("X-Request-ID", asked.id);
        for (const auto& [name, value] : asked.answer_headers) response.set(name, value);
      }));
  stream.read_message_max(options.max_body_bytes);
  ErrorCode error;
  const Handshake handshake = handshake_of(*request);
  co_await stream.async_accept(handshake, asio::redirect_error(use_awaitable, error));
  if (error) co_return;
  asio::co_spawn(
      transport_.get_executor(), [this, &state] { return read_messages(state); },
      [self = shared_from_this(), &state](const std::exception_ptr&) {
        state.reading = false;
        self->client_left_ = true;
        if (self->call_) self->call_->end(Ending::ClientLeft);
        self->wake_.cancel();
      });
  while (state.reading && state.close == websocket::close_code::none) {
    if (context_.lifecycle.draining.load()) {
      state.close = websocket::close_code::going_away;
    } else if (state.messages.empty()) {
      co_await wait_until(Clock::time_point::max());
    } else {
      const bool goes_on = co_await answer_message(state, request, socket);
      if (!goes_on) break;
    }
  }
  if (state.reading) {
    const auto code =
        state.close == websocket::close_code::none ? websocket::close_code::internal_error : state.close;
    const websocket::close_reason reason(code);
    co_await stream.async_close(reason, asio::redirect_error(use_awaitable, error));
  }
  if (state.reading) transport_.cancel();
  while (state.reading) co_await wait_until(Clock::time_point::max());
  state.let_go(context_, state.held);
  if (state.cannot_be_inflated) {
    // A closing frame with 1007 (RFC 6455, 7.4.1), past Beast, which has given the stream up.
    static const std::string kClose("\x88\x02\x03\xef", 4), kNothing;
    (void)co_await write(kClose, kNothing);
  }
}

// Ends when the client closes, breaks the protocol, or does not answer pings.
Awaitable<void> Connection::read_messages(WebSocketState& state) {
  const HttpOptions& options = context_.options;
  ErrorCode error;
  beast::flat_buffer buffer;  // the stream's limit bounds it
  while (true) {
    // Messages count among the bodies of all connections, as they come.
    std::size_t read = 0;
    do {
      const std::size_t some = co_await state.stream.async_read_some(
          buffer, kReadAtOnce, asio::redirect_error(use_awaitable, error));
      read += some;
      state.held += some;
      const std::size_t all = context_.body_bytes.fetch_add(some) + some;
      if (all > options.max_bodies_bytes) break;
    } while (!error && !state.stream.is_message_done());
    state.cannot_be_inflated = error.category() == make_error_code(beast::zlib::error::general).category();
    if (error) co_return;
    if (state.close != websocket::close_code::none) {  // only for the closing frame
      state.let_go(context_, read);
      buffer = beast::flat_buffer();
      continue;
    }
    context_.metrics.received_bytes.add(read);
    if (!state.stream.is_message_done()) {
      state.close = websocket::close_code::try_again_later;
    } else if (!state.stream.got_text()) {
      state.close = websocket::close_code::unknown_data;
    } else if (state.messages.size() == kMostWaiting) {
      state.close = websocket::close_code::policy_error;
    } else {
      state.messages.emplace_back(static_cast<const char*>(buffer.data().data()), buffer.size());
    }
    if (state.close != websocket::close_code::none && call_) call_->end(Ending::ClientLeft);
    buffer = beast::flat_buffer();  // a large message's room goes with it
    wake_.cancel();
  }
}

// False where the socket cannot go on.
Awaitable<bool> Connection::answer_message(WebSocketState& state,
                                           const std::shared_ptr<const Request>& request,
                                           const Socket& socket) {
  const std::string message = std::move(state.messages.front());
  state.messages.pop_front();
  state.let_go(context_, message.size());
  std::optional<Outgoing> out;
  std::optional<Problem> problem;
  try {
    Streaming streaming = socket.answer(message);
    out = begin(request, streaming);
  } catch (...) {
    problem = problem_of(std::current_exception());
  }
  if (problem) note_fault(context_, *request, problem->cause);
  if (problem && problem->status == 500) {
    state.close = websocket::close_code::internal_error;
    co_return false;
  }
  if (problem) {
    const Json event = {{"event", "error"}, {"data", Json::parse(problem_text(*problem, *request))}};
    const std::string text = event.dump();
    co_return co_await send_message(state, text);
  }
  take_up(*out);
  const bool good = co_await send_events(state, *out, *request);
  let_go(*out, good);
  co_return good;
}

Awaitable<bool> Connection::send_events(WebSocketState& state, const Outgoing& out, const Request& request) {
  Beats beats(context_.options);
  while (true) {
    if (client_left_ || state.close != websocket::close_code::none) co_return false;
    const auto [bytes, last] = take(out, request, beats);
    for (std::size_t from = 0; from < bytes.size();) {
      const std::size_t end = bytes.find(kNewline, from);
      const std::string line = bytes.substr(from, end - from);
      from = end + 1;
      if (line.empty()) continue;  // a sign of life, which pings give here
      const bool good = co_await send_message(state, line);
      if (!good) co_return false;
    }
    if (last) co_return true;
    if (bytes.empty()) co_await wait_for_news(out, beats);
  }
}

Awaitable<bool> Connection::send_message(WebSocketState& state, const std::string& text) {
  ErrorCode error;
  timed_out_ = false;
  wait_for_reader();
  state.stream.text(true);
  std::size_t sent = 0;
  do {
    const std::size_t part = std::min(text.size() - sent, kFrameBytes);
    const auto bytes = asio::buffer(text) + sent;
    (void)co_await state.stream.async_write_some(sent + part == text.size(), asio::buffer(bytes, part),
                                                 asio::redirect_error(use_awaitable, error));
    sent += part;
    reader_took(part);
  } while (!error && sent < text.size());
  reader_is_done();
  note_sent(sent);
  co_return !error;
}

}  // namespace odordiff::server
