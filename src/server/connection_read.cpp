// How a connection reads a request: the part that stands on Beast's parser, which compiles slowly.
#include <fmt/format.h>

#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http.hpp>

#include "server/connection.h"

namespace odordiff::server {
namespace {

constexpr std::size_t kUsualHeaders = 16;

namespace http = boost::beast::http;
using Parser = http::request_parser<http::string_body>;

[[noreturn]] void refuse(int status, std::string kind, std::string detail) {
  throw ProblemError({status, std::move(kind), std::move(detail), {}, {}, true});
}

[[noreturn]] void refuse_malformed(const boost::system::error_code& error, const HttpOptions& options) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    refuse(431, "header-too-large",
           fmt::format("the header is larger than {} bytes", options.max_header_bytes));
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

// What the parser lets pass and a careful server does not: it is how requests are smuggled past proxies.
void check(const Parser& parser) {
  const auto& message = parser.get();
  const bool encoded = message.count(http::field::transfer_encoding) > 0;
  if (encoded && (!parser.chunked() || message.count(http::field::content_length) > 0)) {
    refuse(400, "malformed-request",
           "the length of the body is not clear: give Content-Length or chunks, not both");
  }
  if (message.count(http::field::host) > 1 ||
      (message.version() >= 11 && message.count(http::field::host) == 0)) {
    refuse(400, "malformed-request", "a request has one Host header");
  }
  if (message.version() != 10 && message.version() != 11)
    refuse(505, "http-version", "this server speaks HTTP/1.1");
}

std::shared_ptr<Request> to_request(Parser& parser) {
  auto& message = parser.get();
  auto made = std::make_shared<Request>();
  Request& out = *made;
  out.method = std::string(message.method_string());
  out.target = std::string(message.target());
  out.headers.reserve(kUsualHeaders);
  for (const auto& field : message) out.headers.emplace_back(field.name_string(), field.value());
  out.body = std::move(message.body());
  const std::string_view id = out.header("x-request-id");
  out.id = is_request_id(id) ? std::string(id) : new_request_id();
  auto target = split_target(out.target);
  if (!target) refuse(400, "bad-target", "the request's target must be a path, such as /health");
  out.path = std::move(target->path);
  out.query = std::move(target->query);
  return made;
}

// Parses what was read already, up to the end of the header or the body; the error is that of the bytes, not
// that more are needed.
void parse_buffered(Parser& parser, boost::beast::flat_buffer& buffer, bool whole,
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

Awaitable<std::optional<Connection::Incoming>> Connection::read_request() {
  const HttpOptions& options = context_.options;
  ErrorCode error;
  co_await stop_watching();
  if (buffer_.size() == 0) {
    if (client_left_) co_return std::nullopt;
    idle_ = true;
    allow_ms(options.idle_timeout_ms);
    if (context_.lifecycle.draining.load()) co_return std::nullopt;
    const std::size_t read = co_await transport_.async_read_some(buffer_.prepare(2048),
                                                                 asio::redirect_error(use_awaitable, error));
    buffer_.commit(read);
    idle_ = false;
    if (error) co_return std::nullopt;
  }
  began_ = Clock::now();
  sent_bytes_ = 0;
  timed_out_ = false;
  allowed_until_.reset();
  Parser parser;
  parser.header_limit(static_cast<std::uint32_t>(options.max_header_bytes));
  parser.body_limit(options.max_body_bytes);
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
  check(parser);
  if (parser.get().count(http::field::expect) > 0) {
    if (!equal_ignoring_case(std::string_view(parser.get()[http::field::expect].data(),
                                              parser.get()[http::field::expect].size()),
                             "100-continue")) {
      refuse(417, "expectation-failed", "the only expectation that is met is 100-continue");
    }
    static const std::string kContinue = "HTTP/1.1 100 Continue\r\n\r\n", kNoBytes;
    const bool good = co_await write(kContinue, kNoBytes);
    if (!good) co_return std::nullopt;
  }
  parse_buffered(parser, buffer_, true, error);
  if (!error && !parser.is_done() && client_left_) error = http::error::partial_message;
  if (!error && !parser.is_done()) {
    allow_ms(options.body_timeout_ms);
    co_await http::async_read(transport_, buffer_, parser, asio::redirect_error(use_awaitable, error));
  }
  if (timed_out_) refuse(408, "timeout", "the body did not come in time");
  if (error == asio::error::operation_aborted || error == asio::error::connection_reset)
    co_return std::nullopt;
  if (error) refuse_malformed(error, options);
  allowed_until_.reset();
  Incoming out;
  out.keep_alive = parser.get().keep_alive();
  out.old_version = parser.get().version() == 10;
  out.request = to_request(parser);
  context_.metrics.received_bytes.add(out.request->body.size());
  co_return out;
}

}  // namespace odordiff::server
