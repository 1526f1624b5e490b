// A program that runs below this one: started, watched and ended by it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace odordiff::fleet {

class Child {
 public:
  struct Command {
    std::vector<std::string> words;                    // the program, found by PATH, and its arguments
    std::map<std::string, std::string> environment{};  // beside this program's own
    std::filesystem::path log{};                       // what it says on stdout and stderr is added there
    std::vector<int> inherited{};                      // descriptors of this program that it has as well
  };

  // In a process group of its own, so that Ctrl-C on the terminal reaches this program alone; it is told to
  // end when this program dies. Throws Unavailable where it cannot be started.
  explicit Child(const Command& command);
  ~Child();  // kills it, and waits
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }
  // The status that waitpid() gave once it has ended; does not wait.
  std::optional<int> ended();
  void signal(int number);
  // Until it has ended; false when the time came first.
  bool wait_until(std::chrono::steady_clock::time_point deadline);

 private:
  pid_t pid_ = -1;
  std::optional<int> status_;
};

// "exit status 1", "signal 9".
std::string status_text(int status);

}  // namespace odordiff::fleet
