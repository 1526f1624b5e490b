#include "fleet/local/local_fleet.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "base/error.h"
#include "base/replacement.h"

namespace odordiff::fleet {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using Json = nlohmann::ordered_json;

constexpr std::chrono::seconds kComesUp{60}, kRestart{1};
// Later than the sentinels (members.cpp) take to choose another primary, as where a machine is lost.
constexpr std::chrono::seconds kRedisRestart{4};
constexpr std::chrono::milliseconds kLook{50};
constexpr std::chrono::seconds kPatience{35};  // of a polite end: the server's own drain is 30 s
constexpr std::size_t kLogEnd = 600;

std::string file_text(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

// What the port says to `request`, up to a kilobyte; nothing where it is shut.
std::optional<std::string> ask(std::uint16_t port, std::string_view request) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return std::nullopt;
  const timeval patience{.tv_sec = 2, .tv_usec = 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::optional<std::string> out;
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
      ::send(fd, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size())) {
    std::string answer(1024, '\0');
    const auto size = ::recv(fd, answer.data(), answer.size(), 0);
    if (size > 0) out = answer.substr(0, static_cast<std::size_t>(size));
  }
  ::close(fd);
  return out;
}

fs::path state_file(const fs::path& folder) {
  return folder / "fleet.json";
}

}  // namespace

bool answers(const Member& member) {
  using Kind = Member::Kind;
  switch (member.kind) {
    case Kind::Redis: {  // takes writes, or follows who does
      const auto said = ask(member.port, "INFO replication\r\n");
      return said && (said->find("master_link_status:up") != std::string::npos ||
                      (said->find("role:master") != std::string::npos &&
                       said->find("min_slaves_good_slaves:0") == std::string::npos));
    }
    case Kind::Sentinel: {  // knows whom it may choose, and who votes
      const auto said = ask(member.port, "INFO sentinel\r\n");
      return said && said->find(fmt::format("slaves={},sentinels={}", kRedisServers - 1, kSentinels)) !=
                         std::string::npos;
    }
    case Kind::Api:
    case Kind::Proxy: {
      const auto said =
          ask(member.port, "GET /health/ready HTTP/1.1\r\nHost: fleet\r\nConnection: close\r\n\r\n");
      return said && said->starts_with("HTTP/1.1 200 ");
    }
    case Kind::Worker:
      return file_text(member.command.log).find(" ready.") != std::string::npos;
  }
  return false;
}

LocalFleet::LocalFleet(std::vector<Member> members, fs::path folder, bool restart, Say say)
    : folder_(std::move(folder)), restart_(restart), say_(std::move(say)) {
  for (auto& member : members) all_.push_back({std::move(member)});
}

LocalFleet::~LocalFleet() {
  stop();
}

void LocalFleet::launch(Running& running) {
  running.again.reset();
  running.child = std::make_unique<Child>(running.member.command);
  running.launched = Clock::now();
}

void LocalFleet::start(const std::atomic<bool>& stop) {
  for (std::size_t first = 0; first < all_.size() && !stop.load();) {
    const auto kind = all_[first].member.kind;
    std::size_t last = first;
    for (; last < all_.size() && all_[last].member.kind == kind; ++last) launch(all_[last]);
    write_state();
    const auto deadline = Clock::now() + kComesUp;
    for (; first < last; ++first) {
      Running& running = all_[first];
      while (!answers(running.member) && !stop.load()) {
        const bool ended = running.child->ended().has_value();
        if (!ended && Clock::now() < deadline) {
          std::this_thread::sleep_for(kLook);
          continue;
        }
        const std::string log = file_text(running.member.command.log);
        throw Unavailable(fmt::format(
            "{} {}; the end of {}: {}", running.member.name,
            ended ? "ended with " + status_text(*running.child->ended()) : "does not answer",
            running.member.command.log.string(), log.substr(log.size() - std::min(log.size(), kLogEnd))));
      }
    }
  }
}

// What connections wait for is there again at once, unless it ends as soon as it has begun.
Clock::duration LocalFleet::pause_before(const Running& running) const {
  if (running.member.kind == Member::Kind::Redis) return kRedisRestart;
  const bool lived = Clock::now() - running.launched > kRestart;
  return running.member.listener && lived ? Clock::duration::zero() : kRestart;
}

void LocalFleet::look_after(Running& running) {
  if (running.child && running.child->ended()) {
    say_(fmt::format("{} (process {}) ended with {}{}", running.member.name, running.child->pid(),
                     status_text(*running.child->ended()), restart_ ? "; it is started again" : ""));
    running.child.reset();
    if (restart_) running.again = Clock::now() + pause_before(running);
    write_state();
  }
  if (!running.again || Clock::now() < *running.again) return;
  try {
    launch(running);
  } catch (const Unavailable& error) {  // no process or descriptor is left, perhaps: there may be one later
    say_(fmt::format("{} is not started again: {}", running.member.name, error.what()));
    running.again = Clock::now() + kRestart;
    return;
  }
  say_(fmt::format("{} is process {} now", running.member.name, running.child->pid()));
  write_state();
}

void LocalFleet::watch(const std::atomic<bool>& stop) {
  while (!stop.load()) {
    for (auto& running : all_) look_after(running);
    std::this_thread::sleep_for(kLook);
  }
}

void LocalFleet::stop() {
  // What is in front first, so that nothing is asked of what has gone; one kind together.
  for (std::size_t last = all_.size(); last > 0;) {
    std::size_t first = last;
    const auto kind = all_[last - 1].member.kind;
    while (first > 0 && all_[first - 1].member.kind == kind) --first;
    for (std::size_t i = first; i < last; ++i) {
      if (all_[i].child) all_[i].child->signal(SIGTERM);
    }
    const auto deadline = Clock::now() + kPatience;
    for (std::size_t i = first; i < last; ++i) {
      if (all_[i].child && !all_[i].child->wait_until(deadline))
        say_(all_[i].member.name + " did not end; it is killed");
      all_[i].child.reset();
    }
    last = first;
  }
  std::error_code ignored;
  fs::remove(state_file(folder_), ignored);
}

void LocalFleet::write_state() const {
  Json members = Json::array();
  for (const auto& running : all_) {
    members.push_back({{"name", running.member.name},
                       {"kind", name_of(running.member.kind)},
                       {"port", running.member.port},
                       {"pid", running.child ? running.child->pid() : 0},
                       {"log", running.member.command.log.string()}});
  }
  replace_file(state_file(folder_), Json({{"pid", ::getpid()}, {"members", members}}).dump(2) + "\n");
}

std::vector<MemberState> read_fleet(const fs::path& folder) {
  const std::string text = file_text(state_file(folder));
  if (text.empty()) {
    throw Unavailable("no fleet runs in " + folder.string() + "; start one: odordiff fleet up --folder " +
                      folder.string());
  }
  std::vector<MemberState> out;
  try {
    const Json json = Json::parse(text);
    for (const auto& member : json.at("members")) {
      MemberState state{member.at("name"), member.at("kind"), member.at("log"), member.at("port"),
                        member.at("pid")};
      state.alive = state.pid > 0 && ::kill(state.pid, 0) == 0;
      out.push_back(std::move(state));
    }
  } catch (const Json::exception&) {
    throw Unavailable(state_file(folder).string() + " is not what a fleet writes");
  }
  return out;
}

}  // namespace odordiff::fleet
