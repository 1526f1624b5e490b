// What was accepted is kept: against kill -9, a full disk and a file that may not grow.
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <map>
#include <set>

#include "base/rng.h"
#include "jobs/runner.h"
#include "scratch.h"

namespace odordiff::jobs {
namespace {

using std::chrono::milliseconds;

// Starts jobs_child; its number of process.
pid_t spawn(const std::vector<std::string>& arguments) {
  std::vector<char*> argv;
  std::string program = ODORDIFF_JOBS_CHILD;
  argv.push_back(program.data());
  std::vector<std::string> copies = arguments;
  for (auto& copy : copies) argv.push_back(copy.data());
  argv.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    execv(argv[0], argv.data());
    _exit(127);
  }
  return child;
}

struct Log {
  std::map<std::string, std::string> accepted;  // idempotency key to id
  std::map<std::string, int> executed;          // prompt to times
  int executions = 0;
  int contradictions = 0;  // a key that got two ids
};

Log read_log(const std::filesystem::path& path) {
  Log log;
  std::ifstream in(path);
  std::string word;
  while (in >> word) {
    std::string first;
    in >> first;
    if (word == "executed") {
      ++log.executions;
      ++log.executed[first];
      continue;
    }
    std::string key;
    in >> key;
    const auto [at, fresh] = log.accepted.emplace(key, first);
    if (!fresh && at->second != first) ++log.contradictions;
  }
  return log;
}

int count_lines(const std::filesystem::path& path) {
  std::ifstream in(path);
  return static_cast<int>(std::count(std::istreambuf_iterator<char>(in), {}, '\n'));
}

TEST(KillNine, TwoHundredJobsFinishNoneTwiceNoneLost) {
  constexpr int kJobs = 200;
  constexpr int kPrompts = 20;
  constexpr int kKills = 10;
  const Scratch scratch;
  const auto database = scratch / "jobs.db";
  const auto log_path = scratch / "log";
  const std::vector<std::string> arguments{database.string(), log_path.string(), std::to_string(kJobs),
                                           std::to_string(kPrompts)};
  // Moments are drawn as lines of the log, so that on any machine they fall into submitting and working
  // alike.
  Rng rng(20, 26);
  int kills = 0;
  int lines = 0;
  while (kills < kKills) {
    const int until = lines + 1 + static_cast<int>(rng.below(2 * kJobs * kPrompts / (kKills + 2)));
    const pid_t child = spawn(arguments);
    int status = 0;
    bool ended = false;
    while (!ended && lines < until) {
      ended = waitpid(child, &status, WNOHANG) == child;
      std::this_thread::sleep_for(milliseconds(1));
      lines = count_lines(log_path);
    }
    ASSERT_FALSE(ended) << "ended by itself with " << status << " before it was killed for the " << kills
                        << "th time";
    std::this_thread::sleep_for(std::chrono::microseconds(rng.below(3000)));
    kill(child, SIGKILL);
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    ++kills;
    lines = count_lines(log_path);
    // What was promised by now is there, whatever the moment.
    Store store({.path = database});
    for (const auto& [key, id] : read_log(log_path).accepted)
      ASSERT_TRUE(store.status(id).has_value()) << key;
  }
  const Log before_last = read_log(log_path);
  ASSERT_LT(before_last.executions, kJobs * kPrompts + kKills * 50)
      << "the kills came too late to prove anything";

  int status = 0;
  const pid_t child = spawn(arguments);
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  ASSERT_EQ(WEXITSTATUS(status), 0);

  const Log log = read_log(log_path);
  EXPECT_EQ(log.accepted.size(), static_cast<std::size_t>(kJobs));
  EXPECT_EQ(log.contradictions, 0);
  Store store({.path = database});
  int results = 0;
  std::set<std::string> bodies;
  for (const auto& [key, id] : log.accepted) {
    const auto job = store.status(id);
    ASSERT_TRUE(job.has_value());
    EXPECT_EQ(job->state, State::Finished);
    EXPECT_EQ(job->done, kPrompts);
    EXPECT_EQ(job->failed, 0);
    const auto page = store.results(id, "", 1000);
    for (const auto& result : page->results) {
      ++results;
      bodies.insert(result.body);
    }
  }
  EXPECT_EQ(results, kJobs * kPrompts);
  EXPECT_EQ(bodies.size(), static_cast<std::size_t>(kJobs * kPrompts));
  EXPECT_EQ(store.list("", "", 1000).jobs.size(), static_cast<std::size_t>(kJobs));
  // Each kill can cost what was at work or on its way to the disk, no more.
  const Runner::Options limits;
  EXPECT_EQ(log.executed.size(), static_cast<std::size_t>(kJobs * kPrompts));
  EXPECT_LE(log.executions, kJobs * kPrompts + kKills * (limits.threads + limits.max_unwritten));
  RecordProperty("executions", log.executions);
  std::printf("%d executions for %d prompts over %d kills\n", log.executions, kJobs * kPrompts, kKills);
}

TEST(FullDisk, RefusesNewJobsAndLosesNoneThatItTook) {
  const Scratch scratch;
  Store::Options options{.path = scratch / "jobs.db"};
  options.max_bytes = 256 * 1024;
  std::vector<Accepted> accepted;
  Submission job = job_of(5);
  job.prompts[0].assign(3000, 'x');
  {
    Store store(options);
    try {
      for (int i = 0; i < 1000; ++i) accepted.push_back(store.submit(job));
      FAIL() << "the database grew past its limit";
    } catch (const StorageFull& error) {
      EXPECT_NE(std::string(error.what()).find("no room"), std::string::npos);
    }
    EXPECT_GT(accepted.size(), 10U);
    EXPECT_EQ(store.open_jobs().size(), accepted.size());
    EXPECT_THROW(store.submit(job), StorageFull);
  }
  Store store(options);
  for (const auto& one : accepted) EXPECT_EQ(store.status(one.id)->total, 5);
  EXPECT_EQ(store.prompt(accepted.back().number, 0), job.prompts[0]);
}

TEST(FullDisk, WorkPausesAndGoesOnWhenThereIsRoom) {
  const Scratch scratch;
  Store::Options options{.path = scratch / "jobs.db"};
  options.retain_ms = 0;
  options.max_bytes = 256 * 1024;
  Store store(options);
  const Accepted old = store.submit(job_of(1));
  store.finish(std::vector<Finished>{
      {.job = old.number, .index = 0, .failed = false, .body = std::string(150'000, 'o'), .error_kind = {}}});
  std::atomic<int> executions{0};
  std::vector<bool> told;  // whether there is trouble
  Runner runner(store,
                [&](const std::string&, const std::atomic<bool>&) {
                  ++executions;
                  return std::string(10'000, 'n');
                },
                {.threads = 2,
                 .max_unwritten = 4,
                 .storage_retry = milliseconds(2),
                 .housekeeping = milliseconds(0),
                 .on_trouble = [&](const std::string& trouble) { told.push_back(!trouble.empty()); }});
  runner.start();
  const Accepted job = runner.submit(job_of(12));
  // 120 kB of results do not fit beside the old job.
  while (runner.load().trouble.empty()) std::this_thread::yield();
  EXPECT_LT(store.status(job.id)->done, 12);
  EXPECT_EQ(runner.progress(job.id)->done, store.status(job.id)->done);
  EXPECT_EQ(store.delete_old(), 1U);
  ASSERT_TRUE(runner.wait_until_idle(std::chrono::steady_clock::now() + std::chrono::seconds(60)));
  EXPECT_EQ(store.status(job.id)->done, 12);
  EXPECT_EQ(store.status(job.id)->failed, 0);
  EXPECT_EQ(executions, 12);
  EXPECT_EQ(runner.load().trouble, "");
  EXPECT_TRUE(told.front());
  EXPECT_FALSE(told.back());
  EXPECT_LT(told.size(), 10U) << "not for each time that it was tried";
}

TEST(FullDisk, StoppingWhileItIsFullLeavesThePromptsForTheNextStart) {
  const Scratch scratch;
  Store::Options options{.path = scratch / "jobs.db"};
  options.max_bytes = 128 * 1024;
  Accepted job;
  {
    Store store(options);
    Runner runner(store,
                  [](const std::string&, const std::atomic<bool>&) { return std::string(20'000, 'n'); },
                  {.threads = 2, .max_unwritten = 2, .storage_retry = milliseconds(1)});
    runner.start();
    job = runner.submit(job_of(20));
    while (runner.load().trouble.empty()) std::this_thread::yield();
    runner.stop(milliseconds(0));
  }
  options.max_bytes = 0;
  Store store(options);
  EXPECT_LT(store.status(job.id)->done, 20);
  Runner runner(store, [](const std::string&, const std::atomic<bool>&) { return std::string("n"); });
  runner.start();
  ASSERT_TRUE(runner.wait_until_idle(std::chrono::steady_clock::now() + std::chrono::seconds(60)));
  EXPECT_EQ(store.status(job.id)->done, 20);
}

TEST(FullDisk, AFileThatMayNotGrowGivesATypedErrorAndKeepsWhatItHas) {
  const Scratch scratch;
  const auto database = scratch / "jobs.db";
  const auto log_path = scratch / "log";
  const pid_t child = spawn({database.string(), log_path.string(), "2000", "20", "1000000"});
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  // The system says "file too large" here, not "disk full": SQLite's I/O error.
  EXPECT_TRUE(WEXITSTATUS(status) == 5 || WEXITSTATUS(status) == 28) << WEXITSTATUS(status);
  const Log log = read_log(log_path);
  EXPECT_GT(log.accepted.size(), 0U);
  Store store({.path = database});
  for (const auto& [key, id] : log.accepted) {
    const auto job = store.status(id);
    ASSERT_TRUE(job.has_value());
    EXPECT_EQ(job->total, 20);
  }
  Runner runner(store, [](const std::string& prompt, const std::atomic<bool>&) { return prompt; });
  runner.start();
  ASSERT_TRUE(runner.wait_until_idle(std::chrono::steady_clock::now() + std::chrono::seconds(60)));
  for (const auto& [key, id] : log.accepted) EXPECT_EQ(store.status(id)->done, 20);
}

}  // namespace
}  // namespace odordiff::jobs
