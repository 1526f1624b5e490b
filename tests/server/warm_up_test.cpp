// Answers that are there before the first user asks.
#include "server/warm_up.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "base/error.h"
#include "running_server.h"
#include "server/answer_cache.h"
#include "server/problem.h"

namespace odordiff::server {
namespace {

std::filesystem::path scratch(const std::string& name) {
  return std::filesystem::path(testing::TempDir()) / ("warm_up_" + std::to_string(::getpid()) + name);
}

void write(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file) << text;
}

TEST(WarmUp, AListIsReadAndWhatIsNoListIsRefusedByLine) {
  const auto file = scratch("list");
  write(file, "{\"path\": \"/v1/generate\", \"body\": {\"brief\": \"rose\"}}\n\n");
  const auto list = read_warm_up(file);
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0].path, "/v1/generate");
  EXPECT_EQ(list[0].body, R"({"brief":"rose"})");
  for (const char* bad : {"rose", "[]", "{\"path\": 5, \"body\": {}}", "{\"path\": \"/\"}",
                          "{\"path\": \"/\", \"body\": [], \"x\": 1}"}) {
    write(file, std::string("\n") + bad + "\n");
    try {
      (void)read_warm_up(file);
      ADD_FAILURE() << bad;
    } catch (const InvalidInput& error) {
      EXPECT_NE(std::string(error.what()).find("line 2"), std::string::npos) << error.what();
    }
  }
  std::filesystem::remove(file);
  EXPECT_THROW((void)read_warm_up(file), Unavailable);
}

TEST(WarmUp, WhatWasAskedMostIsWrittenForItsOwnerAndReadAgain) {
  const auto file = scratch("hot");
  write_warm_up(file, {"/v1/generate\n{\"brief\": \"rose\"}", "/generate\n{\"prompt\":\"x\\ny\"}"});
  struct stat state {};
  ASSERT_EQ(::stat(file.c_str(), &state), 0);
  EXPECT_EQ(state.st_mode & 0777U, 0600U);
  const auto list = read_warm_up(file);
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[1].path, "/generate");
  EXPECT_EQ(list[1].body, R"({"prompt":"x\ny"})");
  std::filesystem::remove(file);
  EXPECT_THROW(write_warm_up("/nowhere/hot", {}), Unavailable);
}

TEST(WarmUp, EveryAnswerIsThereAfterwardsAndARefusalStopsNothing) {
  std::atomic<int> made{0};
  std::unique_ptr<AnswerCache> cache;
  observe::Registry registry;
  Router router;
  router.add({"POST", "/answer",
              [&](const Request& request) {
                if (request.body == R"({"bad":1})") throw ProblemError({422, "invalid-fields", "bad"});
                return cache->answer(request, request.body, Priority::Normal, [&](const std::atomic<bool>&) {
                  ++made;
                  return AnswerCache::Made{"answer", {}};
                });
              },
              true});
  KeptLog log;
  observe::Logger logger(observe::Level::Info, log.write());
  const RunningServer server(router);
  Workers workers({1, 8}, registry);
  cache = std::make_unique<AnswerCache>(cache::Options{}, workers, registry);
  warm_up(
      {{"/answer", R"({"a":1})"}, {"/answer", R"({"bad":1})"}, {"/nowhere", "{}"}, {"/answer", R"({"b":2})"}},
      router, logger);
  while (true) {
    const std::lock_guard lock(log.mutex);
    if (!log.lines.empty()) break;
    std::this_thread::yield();
  }
  EXPECT_EQ(made, 2);
  EXPECT_NE(log.lines[0].find(R"("answers":2,"refused":2)"), std::string::npos) << log.lines[0];
  EXPECT_EQ(server.ask("POST", "/answer", R"({"b":2})").body, "answer");
  EXPECT_EQ(made, 2);
  ASSERT_EQ(cache->hottest(5).size(), 2U);
  EXPECT_TRUE(cache->hottest(1)[0].starts_with("/answer\n"));
}

}  // namespace
}  // namespace odordiff::server
