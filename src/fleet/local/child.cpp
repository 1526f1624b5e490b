#include "fleet/local/child.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>
#include <utility>

#include "base/error.h"

extern char** environ;

namespace odordiff::fleet {
namespace {

constexpr std::chrono::milliseconds kEndLook{10};

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> out;
  out.reserve(words.size() + 1);
  for (auto& word : words) out.push_back(word.data());
  out.push_back(nullptr);
  return out;
}

std::vector<std::string> environment_with(const std::map<std::string, std::string>& more) {
  std::vector<std::string> out;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (!more.contains(text.substr(0, text.find('=')))) out.push_back(text);
  }
  for (const auto& [name, value] : more) out.push_back(name + "=" + value);
  return out;
}

struct Descriptor {
  Descriptor() = default;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { shut(); }
  void shut() {
    if (number >= 0) ::close(std::exchange(number, -1));
  }
  int number = -1;
};

// `call` again where a signal came between.
template <typename Call>
auto unless_interrupted(Call&& call) {
  while (true) {
    const auto result = call();
    if (result >= 0 || errno != EINTR) return result;
  }
}

[[noreturn]] void fail(const std::string& what, int error) {
  throw Unavailable(what + ": " + std::strerror(error));
}

// Between fork() and exec(): nothing that takes a lock.
[[noreturn]] void become(char* const* words, char* const* environment, const std::vector<int>& inherited,
                         int log, int trouble, pid_t parent) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(127);  // it died before it could be listened for
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int number : {SIGINT, SIGTERM, SIGPIPE, SIGHUP}) ::signal(number, SIG_DFL);
  const int nothing = ::open("/dev/null", O_RDONLY);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  for (const int number : inherited) ::fcntl(number, F_SETFD, 0);
  ::execvpe(words[0], words, environment);
  const int error = errno;
  (void)!::write(trouble, &error, sizeof error);
  ::_exit(127);
}

}  // namespace

Child::Child(const Command& command) {
  std::vector<std::string> words = command.words, environment = environment_with(command.environment);
  const auto argv = pointers(words), envp = pointers(environment);
  const std::string log_path = command.log.empty() ? "/dev/null" : command.log.string();
  Descriptor log, trouble, telling;
  log.number = ::open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (log.number < 0) fail("cannot write " + log_path, errno);
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("cannot start " + words.front(), errno);
  trouble.number = ends[0], telling.number = ends[1];
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) fail("cannot start " + words.front(), errno);
  if (pid_ == 0) become(argv.data(), envp.data(), command.inherited, log.number, telling.number, parent);
  telling.shut();
  int error = 0;
  if (unless_interrupted([&] { return ::read(trouble.number, &error, sizeof error); }) == sizeof error) {
    unless_interrupted([&] { return ::waitpid(pid_, nullptr, 0); });
    fail("cannot start " + words.front(), error);
  }
}

Child::~Child() {
  if (ended()) return;
  signal(SIGKILL);
  unless_interrupted([&] { return ::waitpid(pid_, nullptr, 0); });
}

std::optional<int> Child::ended() {
  int status = 0;
  if (!status_ && ::waitpid(pid_, &status, WNOHANG) == pid_) status_ = status;
  return status_;
}

void Child::signal(int number) {
  if (!status_) ::kill(pid_, number);
}

bool Child::wait_until(std::chrono::steady_clock::time_point deadline) {
  while (!ended()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(kEndLook);
  }
  return true;
}

std::string status_text(int status) {
  if (WIFSIGNALED(status)) return "signal " + std::to_string(WTERMSIG(status));
  return "exit status " + std::to_string(WEXITSTATUS(status));
}

}  // namespace odordiff::fleet
