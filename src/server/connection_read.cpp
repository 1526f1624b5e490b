// How a connection reads a request: the part that stands on Beast's parser, which compiles slowly.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http.hpp>

#include "server/connection.h"

namespace odordiff::server {

namespace http = boost::beast::http;

constexpr std::size_t kMostFields = 100, kUsualHeaders = 16;

// Beast's parser, which bounds the lines of a header one by one, with a bound for all of them together; and
// without trailers: what stands behind a body was not there when the request was admitted.
class RequestParser final : public http::request_parser<http::string_body> {
 public:
  explicit RequestParser(const HttpOptions& options) : bytes_left_(options.max_header_bytes) {
    header_limit(static_cast<std::uint32_t>(options.max_header_bytes));
    body_limit(options.max_body_bytes);
  }

 private:
  void on_field_impl(http::field name, boost::beast::string_view name_text, boost::beast::string_view value,
                     boost::system::error_code& error) override {
    if (is_header_done()) return;
    constexpr std::size_t kAround = 4;  // colon, space and the line's end
    const std::size_t bytes = name_text.size() + value.size() + kAround;
    if (fields_left_ == 0 || bytes > bytes_left_) {
      error = http::error::header_limit;
      return;
    }
    --fields_left_;
    bytes_left_ -= bytes;
    get().insert(name, name_text, value);
  }

  std::size_t bytes_left_, fields_left_ = kMostFields;
};

// A request whose body is still to come, or under way.
struct Connection::Reading {
  explicit Reading(const ConnectionContext& shared) : context(shared), parser(shared.options) {}
  ~Reading() { context.body_bytes.fetch_sub(charged); }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

  // Counts what has come of the body; false where all connections together hold too much.
  bool charge() {
    const std::size_t size = parser.get().body().size(), more = size - charged;
    charged = size;
    return context.body_bytes.fetch_add(more) + more <= context.options.max_bodies_bytes;
  }

  const ConnectionContext& context;
  RequestParser parser;
  std::size_t charged = 0;  // bytes
};

namespace {

[[noreturn]] void refuse(int status, std::string kind, std::string detail) {
  throw ProblemError({status, std::move(kind), std::move(detail), {}, {}, true});
}

[[noreturn]] void refuse_malformed(const boost::system::error_code& error, const HttpOptions& options) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    refuse(431, "header-too-large",
           fmt::format("the header is larger than {} bytes or has more than {} fields",
                       options.max_header_bytes, kMostFields));
  }
  if (error == http::error::body_limit) {
    refuse(413, "body-too-large", fmt::format("the body is larger than {} bytes", options.max_body_bytes));
  }
  if (error == http::error::bad_version) refuse(505, "http-version", "this server speaks HTTP/1.1");
  if (error == http::error::partial_message) {
    refuse(400, "incomplete-request", "the connection was closed in the middle of the request");
  }
  refuse(400, "malformed-request", fmt::format("this is no HTTP request: {}", error.message()));
}

std::string_view field(const RequestParser& parser, http::field name) {
  const auto value = parser.get()[name];
  return {value.data(), value.size()};
}

// A name or an address, and a port behind it: what RFC 3986 lets stand in an authority, without a user.
bool is_host(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("-._~%!$&'()*+,;=:[]").find(c) != std::string_view::npos;
  });
}

// What the parser lets pass and a careful server does not: it is how requests are smuggled past proxies.
void check(const RequestParser& parser) {
  const auto& message = parser.get();
  if (message.version() != 10 && message.version() != 11)
    refuse(505, "http-version", "this server speaks HTTP/1.1");
  if (message.count(http::field::transfer_encoding) > 0) {
    if (message.version() == 10) {
      refuse(400, "malformed-request", "HTTP/1.0 knows no Transfer-Encoding; give Content-Length");
    }
    if (message.count(http::field::content_length) > 0 || message.count(http::field::transfer_encoding) > 1 ||
        !equal_ignoring_case(field(parser, http::field::transfer_encoding), "chunked")) {
      refuse(
          400, "malformed-request",
          "the length of the body is not clear: give Content-Length or Transfer-Encoding: chunked, not both");
    }
  }
  const auto hosts = message.count(http::field::host);
  if (hosts > 1 || (message.version() >= 11 && hosts == 0)) {
    refuse(400, "malformed-request", "a request has one Host header");
  }
  if (!is_host(field(parser, http::field::host))) {
    refuse(400, "malformed-request",
           "the Host header is a name or an address, with a port behind it or none");
  }
  if (message.count(http::field::content_encoding) > 1 || message.count(http::field::expect) > 1) {
    refuse(400, "malformed-request", "a request has one Content-Encoding and one Expect header at most");
  }
  const std::string_view coding = field(parser, http::field::content_encoding);
  if (!coding.empty() && !equal_ignoring_case(coding, "identity")) {
    refuse(415, "unsupported-content-encoding", "send the body without Content-Encoding");
  }
  if (message.count(http::field::expect) > 0 && message.version() >= 11 &&
      !equal_ignoring_case(field(parser, http::field::expect), "100-continue")) {
    refuse(417, "expectation-failed", "the only expectation that is met is 100-continue");
  }
}

// Without the body.
std::shared_ptr<Request> to_request(const RequestParser& parser) {
  const auto& message = parser.get();
  auto made = std::make_shared<Request>();
  Request& out = *made;
  out.method = std::string(message.method_string());
  out.target = std::string(message.target());
  out.headers.reserve(kUsualHeaders);
  for (const auto& header : message) out.headers.emplace_back(header.name_string(), header.value());
  const std::string_view id = out.header("x-request-id");
  out.id = is_request_id(id) ? std::string(id) : new_request_id();
  auto target = split_target(out.target);
  if (target && !target->authority.empty()) {
    // What the target names counts, whatever Host says (RFC 9112, 3.2.2).
    for (auto& [name, value] : out.headers) {
      if (equal_ignoring_case(name, "host")) value = target->authority;
    }
  }
  if (!target) {
    refuse(400, "bad-target",
           "the request's target must be a path, such as /health, and have no fragment: write # as %23");
  }
  out.path = std::move(target->path);
  out.query = std::move(target->query);
  return made;
}

// Empty lines before a request line are ignored (RFC 9112, 2.2).
void skip_empty_lines(boost::beast::flat_buffer& buffer) {
  while (buffer.size() > 0) {
    const std::string_view text(static_cast<const char*>(buffer.data().data()), buffer.size());
    if (text.starts_with("\r\n")) {
      buffer.consume(2);
    } else if (text.starts_with('\n')) {
      buffer.consume(1);
    } else {
      return;
    }
  }
}

// Parses what was read already, up to the end of the header or the body; the error is that of the bytes, not
// that more are needed.
void parse_buffered(RequestParser& parser, boost::beast::flat_buffer& buffer, bool whole,
                    boost::system::error_code& error) {
  while (buffer.size() > 0 && !(whole ? parser.is_done() : parser.is_header_done())) {
    buffer.consume(parser.put(buffer.data(), error));
    if (error == http::error::need_more) {
      error = {};
      return;
    }
    if (error) return;
  }
}

}  // namespace

Awaitable<std::optional<Connection::Incoming>> Connection::read_head() {
  const HttpOptions& options = context_.options;
  ErrorCode error;
  co_await stop_watching();
  skip_empty_lines(buffer_);
  allow_ms(options.idle_timeout_ms);
  while (buffer_.size() == 0) {
    if (client_left_) co_return std::nullopt;
    idle_ = true;
    if (context_.lifecycle.draining.load()) co_return std::nullopt;
    const std::size_t read = co_await transport_.async_read_some(buffer_.prepare(2048),
                                                                 asio::redirect_error(use_awaitable, error));
    buffer_.commit(read);
    idle_ = false;
    if (error) co_return std::nullopt;
    skip_empty_lines(buffer_);
  }
  began_ = Clock::now();
  sent_bytes_ = 0;
  timed_out_ = false;
  allowed_until_.reset();
  const auto reading = std::make_shared<Reading>(context_);
  RequestParser& parser = reading->parser;
  parse_buffered(parser, buffer_, false, error);
  if (!error && !parser.is_header_done() && client_left_) error = http::error::partial_message;
  if (!error && !parser.is_header_done()) {
    allow_ms(options.header_timeout_ms);
    co_await http::async_read_header(transport_, buffer_, parser, asio::redirect_error(use_awaitable, error));
  }
  if (timed_out_) refuse(408, "timeout", "the header did not come in time");
  if (error == asio::error::operation_aborted || error == asio::error::connection_reset)
    co_return std::nullopt;
  if (error) refuse_malformed(error, options);
  allowed_until_.reset();
  check(parser);
  Incoming out;
  out.keep_alive = parser.get().keep_alive();
  out.old_version = parser.get().version() == 10;
  out.request = to_request(parser);
  out.reading = reading;
  co_return out;
}

Awaitable<bool> Connection::read_body(Reading& reading, Request& request, bool old_version) {
  const HttpOptions& options = context_.options;
  RequestParser& parser = reading.parser;
  ErrorCode error;
  // Whoever expects to be asked for the body waits for it; HTTP/1.0 knows no such thing.
  if (!parser.is_done() && request.has_header("expect") && !old_version) {
    static const std::string kContinue = "HTTP/1.1 100 Continue\r\n\r\n", kNoBytes;
    const bool good = co_await write(kContinue, kNoBytes);
    if (!good) co_return false;
  }
  parse_buffered(parser, buffer_, true, error);
  allow_ms(options.body_timeout_ms);
  while (!error && !parser.is_done()) {
    if (!reading.charge()) throw ProblemError(overloaded("too many large requests at once", 1));
    if (client_left_) {
      error = http::error::partial_message;
      break;
    }
    co_await http::async_read_some(transport_, buffer_, parser, asio::redirect_error(use_awaitable, error));
  }
  if (timed_out_) refuse(408, "timeout", "the body did not come in time");
  if (error == asio::error::operation_aborted || error == asio::error::connection_reset) co_return false;
  if (error) refuse_malformed(error, options);
  allowed_until_.reset();
  (void)reading.charge();
  request.body = std::move(parser.get().body());
  context_.metrics.received_bytes.add(request.body.size());
  co_return true;
}

bool Connection::skip_body(Reading& reading) {
  ErrorCode error;
  parse_buffered(reading.parser, buffer_, true, error);
  return !error && reading.parser.is_done();
}

}  // namespace odordiff::server
