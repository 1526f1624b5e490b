// A fleet on this machine, for development and tests: its programs started in order, kept running, and
// stopped.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fleet/local/child.h"
#include "fleet/local/members.h"

namespace odordiff::fleet {

class LocalFleet {
 public:
  using Say = std::function<void(const std::string& line)>;

  // `restart`: what dies is started again, a second later, Redis after four, HAProxy at once. `folder` gets a
  // file that read_fleet() reads.
  LocalFleet(std::vector<Member> members, std::filesystem::path folder, bool restart, Say say);
  ~LocalFleet();  // as stop()

  // Starts them one kind after another, each kind when the one before answers. Returns early when `stop`
  // turns true. Throws Unavailable, with the end of its log, where one does not come up.
  void start(const std::atomic<bool>& stop);
  // Until `stop` turns true.
  void watch(const std::atomic<bool>& stop);
  // In the opposite order, politely first.
  void stop();

 private:
  struct Running {
    Member member;
    std::unique_ptr<Child> child = {};
    std::chrono::steady_clock::time_point launched = {};
    std::optional<std::chrono::steady_clock::time_point> again = {};  // when to start it anew
  };
  std::chrono::steady_clock::duration pause_before(const Running& running) const;
  void launch(Running& running);
  void look_after(Running& running);
  void write_state() const;

  std::vector<Running> all_;
  const std::filesystem::path folder_;
  const bool restart_;
  const Say say_;
};

// Whether it does its work: Redis and sentinels accept connections, API and proxy are ready by their own
// word, a worker has said so in its log.
bool answers(const Member& member);

// One line of the file that a running fleet keeps in its folder.
struct MemberState {
  std::string name, kind, log;
  std::uint16_t port = 0;
  pid_t pid = 0;  // 0: it is not running
  bool alive = false;
};
// Throws Unavailable where no fleet keeps such a file there.
std::vector<MemberState> read_fleet(const std::filesystem::path& folder);

}  // namespace odordiff::fleet
