// Any bytes on a connection to a running server, as HTTP or, after a proper handshake, as WebSocket frames.
// The server answers or closes, and does not hang. The first byte says which, and where the bytes are cut in
// two.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "../server/running_server.h"
#include "server/batch_stream.h"
#include "server/json.h"

namespace {

using namespace odordiff::server;

constexpr const char* kHandshake =
    "GET /socket HTTP/1.1\r\nHost: fuzz\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n";

// Gives back what was sent, at once, by a worker, and as a stream.
Router echoes() {
  Router router;
  const auto echo = [](const Request& request) {
    return text_response(200, "application/json", compact(api::parse_object(request.body)));
  };
  router.add({"POST", "/now", [echo](const Request& request) { return echo(request); }, true});
  router.add({"POST", "/work",
              [echo](const Request& request) {
                return Work{Priority::Normal, [echo, request](Call&) { return echo(request); }};
              },
              true});
  const auto stream = [](const std::string& text) {
    return Streaming{Priority::Normal, EventStream::Form::JsonLines,
                     [json = api::parse_object(text)](Call&, EventStream& events) {
                       events.send("echo", json);
                       return false;
                     }};
  };
  router.add({"POST", "/stream", [stream](const Request& request) { return stream(request.body); }, true});
  router.add({"GET", "/socket", [stream](const Request&) { return Socket{stream}; }});
  router.add({"GET", "/of/{name}/things", [](const Request& request) {
                return text_response(200, "text/plain", request.parameters.front());
              }});
  return router;
}

RunningServer& server() {
  static RunningServer running(echoes(), [] {
    HttpOptions options;
    options.max_body_bytes = 4096;
    options.header_timeout_ms = options.body_timeout_ms = 500;
    return options;
  }());
  return running;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  RawClient client(server().port());
  if ((data[0] & 1U) != 0) {
    client.send(kHandshake);
    if (client.answer().status != 101) std::abort();
  }
  const std::size_t cut = std::min<std::size_t>(data[0] >> 1U, bytes.size());
  client.send(bytes.substr(0, cut));
  client.send(bytes.substr(cut));
  client.half_close();
  (void)client.read_all();  // throws, and so ends the run, after a minute of silence
  const std::lock_guard lock(server().log.mutex);
  server().log.lines.clear();
  return 0;
}
