#include "server/webhook_post.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "base/error.h"
#include "server/webhook_url.h"

namespace odordiff::server {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;
using ErrorCode = boost::system::error_code;
using HttpRequest = http::request<http::string_body>;

constexpr std::uint32_t kMostHeaderBytes = 8 * 1024;

// What the timer breaks off.
struct Attempt {
  explicit Attempt(const asio::any_io_executor& executor)
      : timer(executor), resolver(executor), socket(executor) {}
  asio::steady_timer timer;
  tcp::resolver resolver;
  tcp::socket socket;
  bool late = false;
};

HttpRequest message(const WebhookPost& post, const WebhookUrl& url) {
  HttpRequest out(http::verb::post, url.target, 11);
  const bool usual = url.port == (url.secure ? 443 : 80);
  out.method_string(post.method);
  out.set(http::field::host, usual ? url.host : url.host + ":" + std::to_string(url.port));
  out.set(http::field::user_agent, "odordiff");
  if (!post.body.empty()) out.set(http::field::content_type, "application/json");
  out.set(http::field::connection, "close");
  for (const auto& [name, value] : post.headers) out.set(name, value);
  out.body() = post.body;
  out.prepare_payload();
  return out;
}

template <typename Stream>
asio::awaitable<WebhookReply> exchange(Stream& stream, HttpRequest& request, std::size_t most_bytes) {
  co_await http::async_write(stream, request, asio::use_awaitable);
  boost::beast::flat_buffer buffer(kMostHeaderBytes);
  http::response_parser<http::string_body> parser;
  parser.header_limit(kMostHeaderBytes);
  // Counted here: Beast's own limit is passed by what comes with the header.
  parser.body_limit(std::numeric_limits<std::uint64_t>::max());
  co_await http::async_read_header(stream, buffer, parser, asio::use_awaitable);
  WebhookReply reply;
  reply.status = static_cast<int>(parser.get().result_int());
  if (most_bytes == 0) co_return reply;
  const auto cache_control = parser.get()[http::field::cache_control];
  reply.cache_control.assign(cache_control.data(), cache_control.size());
  const std::string too_long = "the answer is longer than " + std::to_string(most_bytes) + " bytes";
  if (parser.content_length() && *parser.content_length() > most_bytes) throw InvalidInput(too_long);
  while (!parser.is_done()) {
    co_await http::async_read_some(stream, buffer, parser, asio::use_awaitable);
    if (parser.get().body().size() > most_bytes) throw InvalidInput(too_long);
  }
  reply.body = std::move(parser.get().body());
  co_return reply;
}

asio::awaitable<void> connect(Attempt& attempt, const WebhookUrl& url, bool allow_private) {
  const std::string service = std::to_string(url.port);
  const tcp::resolver::results_type found =
      co_await attempt.resolver.async_resolve(url.host, service, asio::use_awaitable);
  std::vector<tcp::endpoint> allowed;
  for (const auto& entry : found) {
    if (allow_private || is_public(entry.endpoint().address())) allowed.push_back(entry.endpoint());
  }
  if (allowed.empty()) throw InvalidInput("the host has no public address");
  (void)co_await asio::async_connect(attempt.socket, allowed, asio::use_awaitable);
}

asio::awaitable<WebhookReply> attempt_post(Attempt& attempt, const WebhookPost& post, const WebhookUrl& url) {
  HttpRequest request = message(post, url);
  co_await connect(attempt, url, post.allow_private);
  if (!url.secure) {
    WebhookReply reply = co_await exchange(attempt.socket, request, post.most_reply_bytes);
    co_return reply;
  }
  asio::ssl::context tls(asio::ssl::context::tls_client);
  tls.set_default_verify_paths();
  asio::ssl::stream<tcp::socket&> stream(attempt.socket, tls);
  stream.set_verify_mode(asio::ssl::verify_peer);
  stream.set_verify_callback(asio::ssl::host_name_verification(url.host));
  SSL_set_tlsext_host_name(stream.native_handle(), url.host.c_str());
  co_await stream.async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
  WebhookReply reply = co_await exchange(stream, request, post.most_reply_bytes);
  co_return reply;
}

}  // namespace

asio::awaitable<WebhookReply> post_webhook(const WebhookPost& post) {
  WebhookReply reply;
  const auto url = parse_webhook_url(post.url);
  if (!url) {
    reply.error = "the URL is not one for webhooks";
    co_return reply;
  }
  const auto executor = co_await asio::this_coro::executor;
  const auto attempt = std::make_shared<Attempt>(executor);
  attempt->timer.expires_after(std::chrono::milliseconds(post.timeout_ms));
  attempt->timer.async_wait([attempt](const ErrorCode& error) {
    if (error) return;
    attempt->late = true;
    ErrorCode ignored;
    attempt->resolver.cancel();
    attempt->socket.close(ignored);
  });
  try {
    WebhookReply got = co_await attempt_post(*attempt, post, *url);
    reply = std::move(got);
  } catch (const std::exception& error) {
    reply.error = attempt->late ? "there was no answer in time" : error.what();
  }
  attempt->timer.cancel();
  ErrorCode ignored;
  attempt->socket.close(ignored);
  co_return reply;
}

WebhookReply post_and_wait(const WebhookPost& post) {
  WebhookReply out;
  asio::io_context loop;
  asio::co_spawn(
      loop,
      [&]() -> asio::awaitable<void> {
        WebhookReply got = co_await post_webhook(post);
        out = std::move(got);
      },
      asio::detached);
  try {
    loop.run();
  } catch (const std::exception& error) {  // out of memory, inside the library
    out = {};
    out.error = error.what();
  }
  return out;
}

bool names_private_address(const std::string& url) {
  const auto parsed = parse_webhook_url(url);
  if (!parsed) return false;
  ErrorCode error;
  const auto address = asio::ip::make_address(parsed->host, error);
  return !error && !is_public(address);
}

}  // namespace odordiff::server
