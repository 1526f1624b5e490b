// Any bytes on a connection to a running server: as HTTP, as WebSocket frames behind a proper handshake, or
// as the trailer of a chunked request and what is pipelined behind it. The server answers well-formed or
// closes, keeps its limits, shows no handler a trailer, and does not hang. The first byte says which, and
// where the bytes are cut in two.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "../server/running_server.h"
#include "require.h"
#include "server/batch_stream.h"
#include "server/json.h"

namespace {

using namespace odordiff::server;
using odordiff::api::parse_object;
using odordiff::fuzz::require;

constexpr std::size_t kMostHeaderBytes = 1024, kMostBodyBytes = 2048, kMostFields = 100;

constexpr const char* kHandshake =
    "GET /socket HTTP/1.1\r\nHost: fuzz\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n";

// The path of the request whose trailer is fuzzed; no input can name it.
const std::string& secret_path() {
  static const std::string path = "/" + new_request_id();
  return path;
}

std::string chunked_head() {
  return "POST " + secret_path() +
         " HTTP/1.1\r\nHost: fuzz\r\nContent-Type: application/json\r\n"
         "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n";
}

void check_limits(const Request& request) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : request.headers) bytes += name.size() + value.size();
  require(bytes <= kMostHeaderBytes && request.headers.size() <= kMostFields, "headers keep their limits");
  require(request.body.size() <= kMostBodyBytes, "bodies keep their limit");
}

// Gives back what was sent, at once, by a worker, and as a stream.
Router echoes() {
  Router router;
  const auto echo = [](const Request& request) {
    check_limits(request);
    return text_response(200, "application/json", compact(parse_object(request.body)));
  };
  router.add({"POST", "/now", [echo](const Request& request) { return echo(request); }, true});
  router.add({"POST", "/work",
              [echo](const Request& request) {
                return Work{Priority::Normal, [echo, request](Call&) { return echo(request); }};
              },
              true});
  const auto stream = [](const std::string& text) {
    return Streaming{Priority::Normal, EventStream::Form::JsonLines,
                     [json = parse_object(text)](Call&, EventStream& events) {
                       events.send("echo", json);
                       return false;
                     }};
  };
  router.add({"POST", "/stream", [stream](const Request& request) { return stream(request.body); }, true});
  router.add({"GET", "/socket", [stream](const Request&) { return Socket{stream}; }});
  router.add({"GET", "/of/{name}/things", [](const Request& request) {
                return text_response(200, "text/plain", request.parameters.front());
              }});
  router.add({"POST", secret_path(),
              [](const Request& request) {
                require(request.headers.size() == 3 && request.body == "{}", "trailers are dropped");
                return text_response(200, "application/json", "{}");
              },
              true});
  return router;
}

RunningServer& server() {
  static RunningServer running(echoes(), [] {
    HttpOptions options;
    options.max_header_bytes = kMostHeaderBytes;
    options.max_body_bytes = kMostBodyBytes;
    options.header_timeout_ms = options.body_timeout_ms = 500;
    return options;
  }());
  return running;
}

// Answers one after another until the server closes. What follows an answer to HEAD, or a new protocol,
// cannot be told apart, so it is only read.
void read_answers(RawClient& client, std::string_view sent) {
  if (sent.find("HEAD ") != std::string_view::npos) {
    (void)client.read_all();
    return;
  }
  while (true) {
    const Answer answer = client.answer();
    if (answer.status == 0) {
      require(answer.head.empty(), "answers are well-formed");
      return;
    }
    require(answer.status != 500, "no input is a fault of ours");
    if (answer.status == 101) (void)client.read_all();
  }
}

enum class Way { Http, WebSocket, Trailer };

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto way = static_cast<Way>(data[0] % 3);
  RawClient client(server().port());
  if (way == Way::WebSocket) {
    client.send(kHandshake);
    require(client.answer().status == 101, "a proper handshake is taken");
  }
  if (way == Way::Trailer) client.send(chunked_head());
  const std::size_t cut = std::min<std::size_t>(data[0] / 3, bytes.size());
  client.send(bytes.substr(0, cut));
  client.send(bytes.substr(cut));
  client.half_close();
  // Both throw, and so end the run, after a minute of silence.
  if (way == Way::WebSocket) {
    (void)client.read_all();
  } else {
    read_answers(client, bytes);
  }
  const std::lock_guard lock(server().log.mutex);
  server().log.lines.clear();
  return 0;
}
