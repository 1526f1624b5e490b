// A client that sends exactly the bytes it is told to, well-formed or not, and reads what comes back.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace odordiff::server {

struct Answer {
  int status = 0;
  std::string head;  // status line and headers
  std::string body;  // chunks put together

  std::string header(std::string_view name) const {
    std::size_t at = head.find("\r\n");
    while (at != std::string::npos && at + 2 < head.size()) {
      const std::size_t from = at + 2;
      at = head.find("\r\n", from);
      const std::string line = head.substr(from, at == std::string::npos ? at : at - from);
      const std::size_t colon = line.find(':');
      if (colon != name.size()) continue;
      bool same = true;
      for (std::size_t i = 0; i < colon; ++i) same = same && std::tolower(line[i]) == std::tolower(name[i]);
      if (same) return line.substr(line.find_first_not_of(' ', colon + 1));
    }
    return {};
  }
};

class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool connected = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    if (const int fault = connected ? 0 : errno == EINTR ? fault_of_connecting() : errno; fault != 0) {
      ::close(socket_);
      throw std::system_error(fault, std::generic_category(), "cannot connect");
    }
  }
  ~RawClient() { leave(); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto n = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return;  // the server hung up; what it said can still be read
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  void half_close() { ::shutdown(socket_, SHUT_WR); }
  void leave() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }

  // Reads until the buffer holds `mark` and returns all up to its end; shorter when the server hung up first.
  std::string read_to(std::string_view mark) {
    while (buffer_.find(mark) == std::string::npos && more()) {
    }
    const std::size_t at = buffer_.find(mark);
    return take(at == std::string::npos ? buffer_.size() : at + mark.size());
  }

  // Until the server closes.
  std::string read_all() {
    while (more()) {
    }
    return take(buffer_.size());
  }

  // What is in the next chunk; empty: it was the last, or the server hung up.
  std::string chunk() {
    const std::string line = read_to("\r\n");
    if (line.size() <= 2) return {};
    const auto size = std::stoul(line, nullptr, 16);
    return read(size + 2).substr(0, size);
  }

  // One answer; its status is 0 where the server hung up instead. `bodiless`: to a HEAD.
  Answer answer(bool bodiless = false) {
    Answer out;
    out.head = read_to("\r\n\r\n");
    if (!out.head.starts_with("HTTP/1.1 ")) return out;
    out.status = std::stoi(out.head.substr(9));
    if (bodiless || out.status == 100) return out;
    if (out.header("transfer-encoding") == "chunked") {
      for (std::string data = chunk(); !data.empty(); data = chunk()) out.body += data;
    } else if (const std::string length = out.header("content-length"); !length.empty()) {
      out.body = read(std::stoul(length));
    }
    return out;
  }

 private:
  static constexpr int kPatience_ms = 60'000;  // far beyond anything but a hang

  void wait_for(short events) const {
    pollfd waiting{socket_, events, 0};
    int ready = ::poll(&waiting, 1, kPatience_ms);
    while (ready < 0 && errno == EINTR) ready = ::poll(&waiting, 1, kPatience_ms);
    if (ready <= 0) throw std::runtime_error("the server is silent");
  }
  // A signal does not end connecting, which goes on meanwhile.
  int fault_of_connecting() const {
    wait_for(POLLOUT);
    int fault = 0;
    socklen_t size = sizeof fault;
    ::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &fault, &size);
    return fault;
  }
  bool more() {
    wait_for(POLLIN);
    std::string part(65536, '\0');
    const auto n = ::recv(socket_, part.data(), part.size(), 0);
    if (n <= 0) return false;
    buffer_.append(part, 0, static_cast<std::size_t>(n));
    return true;
  }
  std::string read(std::size_t bytes) {
    while (buffer_.size() < bytes && more()) {
    }
    return take(std::min(bytes, buffer_.size()));
  }
  std::string take(std::size_t bytes) {
    std::string out = buffer_.substr(0, bytes);
    buffer_.erase(0, bytes);
    return out;
  }

  int socket_;
  std::string buffer_;
};

// A request in full.
inline std::string message(std::string_view method, std::string_view target, std::string_view body = {},
                           std::string_view more_headers = {}) {
  std::string out = std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nHost: test\r\n";
  if (!body.empty()) {
    out += "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
  }
  return out + std::string(more_headers) + "\r\n" + std::string(body);
}

}  // namespace odordiff::server
