// Real redis-server processes on free ports of loopback, each with a folder of its own. What was started ends
// with its object, and with the test program however that ends.
#pragma once

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace odordiff::fleet {

// Asks again and again, for at most `limit`; whether it became true.
inline bool becomes_true(const std::function<bool()>& holds,
                         std::chrono::milliseconds limit = std::chrono::seconds(20)) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (std::chrono::steady_clock::now() < end) {
    if (holds()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return holds();
}

inline sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(port);
  out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return out;
}

// One that nobody listens on at the moment.
inline std::uint16_t free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  ::bind(socket, reinterpret_cast<sockaddr*>(&address), size);
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(socket);
  return ntohs(address.sin_port);
}

// What a server answers to `request` on a connection of its own; empty where there is none.
inline std::string answer_of(std::uint16_t port, const std::string& request) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  timeval patience{1, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  std::string out;
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      ::send(socket, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size())) {
    char buffer[4096];
    const ssize_t got = ::recv(socket, buffer, sizeof buffer, 0);
    if (got > 0) out.assign(buffer, static_cast<std::size_t>(got));
  }
  ::close(socket);
  return out;
}

// A child process.
class Process {
 public:
  Process(std::vector<std::string> words, const std::filesystem::path& log) {
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    const std::string file = log.string();
    pid_ = ::fork();
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (::freopen(file.c_str(), "a", stdout) == nullptr || ::dup2(1, 2) < 0) ::_exit(126);
      ::execvp(arguments[0], arguments.data());
      ::_exit(127);
    }
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process() { kill(); }

  void signal(int number) const {
    if (pid_ > 0) ::kill(pid_, number);
  }
  void kill() {
    if (pid_ <= 0) return;
    signal(SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  pid_t pid_ = -1;
};

// Gone with its object.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "odordiff-fleet-XXXXXX").string();
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    path = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

struct RedisOptions {
  std::string config = {};  // further lines of its configuration
  bool sentinel = false;
  bool plain = true;  // false: no port without TLS
};

class RedisServer {
 public:
  explicit RedisServer(RedisOptions options = {}) : port(free_port()), options_(std::move(options)) {
    std::ofstream file(folder() / "redis.conf");
    file << "port " << (options_.plain ? port : 0) << "\nbind 127.0.0.1\ndir " << folder().string() << "\n";
    if (!options_.sentinel) file << "save \"\"\nappendonly no\n";
    file << options_.config;
    file.close();
    start();
  }

  // Also after kill(), on the same port.
  void start() {
    std::vector<std::string> words = {"redis-server", folder() / "redis.conf"};
    if (options_.sentinel) words.emplace_back("--sentinel");
    process_.emplace(words, folder() / "log");
    if (!options_.plain) return;
    const bool up = becomes_true([&] {
      const std::string answer = answer_of(port, "PING\r\n");
      return answer.starts_with("+PONG") || answer.starts_with("-NOAUTH");
    });
    EXPECT_TRUE(up) << log();
  }
  void kill() { process_->kill(); }
  void freeze() { process_->signal(SIGSTOP); }
  void thaw() { process_->signal(SIGCONT); }

  std::string log() const {
    std::ifstream file(folder() / "log");
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::string url() const { return "redis://127.0.0.1:" + std::to_string(port); }
  std::filesystem::path folder() const { return folder_.path; }

  const std::uint16_t port;

 private:
  const RedisOptions options_;
  Folder folder_;
  std::optional<Process> process_;
};

}  // namespace odordiff::fleet
