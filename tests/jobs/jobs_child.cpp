// A process for others to kill: submits jobs, works through them, and notes in a log what it was promised and
// what it executed. Usage: jobs_child DATABASE LOG JOBS PROMPTS [MAX_FILE_BYTES]
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "jobs/runner.h"

namespace {

// One write of a line to a file opened for appending is whole or absent, also when the process is killed.
void note(int log, const std::string& line) {
  if (::write(log, line.data(), line.size()) != static_cast<ssize_t>(line.size())) std::abort();
}

}  // namespace

int main(int argc, char** argv) {
  using namespace odordiff::jobs;
  if (argc < 5) return 2;
  const int log = ::open(argv[2], O_WRONLY | O_CREAT | O_APPEND, 0600);
  const int jobs = std::atoi(argv[3]);
  const int prompts = std::atoi(argv[4]);
  if (argc > 5) {
    std::signal(SIGXFSZ, SIG_IGN);
    const auto most = static_cast<rlim_t>(std::atol(argv[5]));
    const rlimit limit{most, most};
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) return 2;
  }
  try {
    Store store({.path = argv[1]});
    Runner runner(store, [&](const std::string& prompt, const std::atomic<bool>&) {
      note(log, "executed " + prompt + "\n");
      return "done " + prompt;
    });
    runner.start();
    for (int j = 0; j < jobs; ++j) {
      Submission submission;
      submission.idempotency_key = std::to_string(j);
      submission.priority = j % 11;
      for (int p = 0; p < prompts; ++p)
        submission.prompts.push_back(std::to_string(j) + "/" + std::to_string(p));
      note(log, "accepted " + runner.submit(submission).id + " " + std::to_string(j) + "\n");
    }
    const bool idle = runner.wait_until_idle(std::chrono::steady_clock::now() + std::chrono::minutes(5));
    return idle ? 0 : 1;
  } catch (const StorageFull& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 28;
  } catch (const odordiff::Unavailable& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 5;
  }
}
