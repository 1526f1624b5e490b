// A line of the log is one JSON object, whatever is written.
#include "observe/log.h"

#include <gtest/gtest.h>

#include <regex>
#include <string>
#include <vector>

namespace odordiff::observe {
namespace {

struct Lines {
  std::vector<std::string> lines;
  Logger::Write write() {
    return [this](std::string_view line) { lines.emplace_back(line); };
  }
};

TEST(Log, ALineIsAnObjectWithTimeLevelMessageAndFields) {
  Lines out;
  Logger logger(Level::Info, out.write());
  logger.log(Level::Warning, "the queue is full", {{"waiting", 64}, {"route", "/generate"}});
  ASSERT_EQ(out.lines.size(), 1U);
  EXPECT_EQ(out.lines.front().back(), '\n');
  const auto json = nlohmann::json::parse(out.lines.front());
  EXPECT_EQ(json.at("level"), "warning");
  EXPECT_EQ(json.at("message"), "the queue is full");
  EXPECT_EQ(json.at("waiting"), 64);
  EXPECT_TRUE(std::regex_match(json.at("time").get<std::string>(),
                               std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)")));
}

TEST(Log, NewlinesAndBrokenUtf8CannotForgeALine) {
  Lines out;
  Logger logger(Level::Info, out.write());
  logger.log(Level::Info, "a\n{\"level\":\"error\"}\xff", {{"x", "\r\n\xc3"}});
  ASSERT_EQ(out.lines.size(), 1U);
  EXPECT_EQ(out.lines.front().find('\n'), out.lines.front().size() - 1);
  EXPECT_TRUE(nlohmann::json::accept(out.lines.front()));
}

TEST(Log, WhatIsBelowTheLevelIsLeftOut) {
  Lines out;
  Logger logger(Level::Warning, out.write());
  logger.log(Level::Info, "quiet");
  EXPECT_TRUE(out.lines.empty());
  EXPECT_FALSE(logger.enabled(Level::Info));
  EXPECT_TRUE(logger.enabled(Level::Error));
}

}  // namespace
}  // namespace odordiff::observe
