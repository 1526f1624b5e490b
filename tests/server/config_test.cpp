// The configuration: which source is stronger, and that whatever is wrong is named with its place.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <regex>
#include <set>

#include "server/config/describe_config.h"

namespace odordiff::server {
namespace {

class Config : public testing::Test {
 protected:
  Config()
      : path_(std::filesystem::temp_directory_path() / ("odordiff_config_" + std::to_string(::getpid()))) {}
  ~Config() override { std::filesystem::remove(path_); }

  std::string file(const std::string& text) const {
    std::ofstream(path_, std::ios::binary) << text;
    return path_.string();
  }
  std::vector<std::string> faults(const Sources& sources) const {
    try {
      (void)load_config(sources);
    } catch (const ConfigError& error) {
      return error.faults();
    }
    return {};
  }
  std::string fault(const std::string& text) const {
    const auto all = faults({.file = file(text)});
    EXPECT_EQ(all.size(), 1U) << text;
    return all.empty() ? "" : all.front().substr(all.front().find(':') + 1);
  }

 private:
  const std::filesystem::path path_;
};

Sources with_environment(std::map<std::string, std::string> variables) {
  Sources out;
  out.environment = [variables](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  return out;
}

TEST_F(Config, WithoutSourcesItIsTheStandard) {
  const auto loaded = load_config({});
  EXPECT_EQ(loaded.config.port, 8000);
  EXPECT_EQ(loaded.config.host, "127.0.0.1");
  for (const auto& setting : serve_settings()) {
    EXPECT_EQ(loaded.origin_of(setting).origin, Origin::Standard) << setting.path;
  }
}

TEST_F(Config, TheEnvironmentIsStrongerThanTheFileAndFlagsThanBoth) {
  Sources sources = with_environment(
      {{"CACHE_L1_MAX_SIZE", "7"}, {"ODORDIFF_SERVER_WORKERS", "3"}, {"ODORDIFF_SERVER_MAX_QUEUE", ""}});
  sources.file = file("[server]\nport = 1\nworkers = 2\nmax_queue = 5\n[cache]\nl1_max_size = 6\n");
  sources.flags = {{"--cache-items", "8"}};
  const auto loaded = load_config(sources);
  EXPECT_EQ(loaded.config.port, 1);
  EXPECT_EQ(loaded.config.workers, 3);
  EXPECT_EQ(loaded.config.max_queue, 5) << "an empty variable is as good as none";
  EXPECT_EQ(loaded.config.cache_items, 8);
  const Json json = config_json(loaded, sources.file);
  std::map<std::string, Json> by_path;
  for (const auto& setting : json["settings"]) by_path[setting["path"]] = setting;
  EXPECT_EQ(by_path["server.port"]["where"], sources.file + ":2");
  EXPECT_EQ(by_path["server.workers"]["where"], "ODORDIFF_SERVER_WORKERS");
  EXPECT_EQ(by_path["server.workers"]["from"], "environment");
  EXPECT_EQ(by_path["cache.l1_max_size"]["where"], "--cache-items");
  EXPECT_EQ(by_path["server.host"]["from"], "default");
  EXPECT_EQ(by_path["limits.requests_per_minute"]["value"], "100 with authentication, else 0");
}

TEST_F(Config, EveryFaultIsNamedWithItsLineAndWhatWouldBeRight) {
  EXPECT_EQ(fault("[server]\nprot = 1\n"), "2: unknown key \"server.prot\"; did you mean server.port?");
  EXPECT_EQ(fault("[sever]\nport = 1\n"), "1: unknown key \"sever\"; did you mean server?");
  EXPECT_EQ(fault("redis_host = 'x'\n"), "1: unknown key \"redis_host\"; did you mean redis.host?");
  EXPECT_EQ(fault("celery_queue = 'x'\n"),
            "1: unknown key \"celery_queue\"; 'odordiff config example' lists all");
  EXPECT_EQ(
      fault("[redis]\nurl = 'redis://me:secret@host/x'\n"),
      "2: redis.url what was given is wrong: the Redis URL is wrong: the database is a whole number from 0 "
      "to 1000000, not \"x\"");
  EXPECT_EQ(fault("\n\n[server]\nport = 65536"),
            "4: server.port takes a whole number from 0 to 65535, not \"65536\"");
  EXPECT_EQ(fault("[server]\nport = 8000.0"),
            "2: server.port takes a whole number from 0 to 65535, not 8000");
  EXPECT_EQ(fault("[server]\nport = '80'"),
            "2: server.port takes a whole number from 0 to 65535, not \"80\"");
  EXPECT_EQ(fault("[server]\nport = 99999999999"),
            "2: server.port takes a whole number from 0 to 65535, not 99999999999");
  EXPECT_EQ(fault("[server]\nhost = 3"), "2: server.host takes a text, not 3");
  EXPECT_EQ(fault("[server]\nidle_timeout_s = nan"),
            "2: server.idle_timeout_s takes a number from 1 to 3600, not \"nan\"");
  EXPECT_EQ(fault("[log]\naccess = 1979-05-27"), "2: log.access takes true or false, not a date or time");
  EXPECT_EQ(fault("[log]\nlevel = 'loud'"), "2: log.level takes debug, info, warning, error, not \"loud\"");
  EXPECT_EQ(fault("[log.level]\nx = 1"), "1: log.level takes debug, info, warning, error, not a table");
  EXPECT_EQ(fault("server = 1"), "1: unknown key \"server\"; did you mean server?");
  EXPECT_TRUE(fault("[server]\nport = 1\nport = 2").starts_with("3: "));
  EXPECT_TRUE(fault("[server\n").starts_with("1: "));
  EXPECT_TRUE(fault("a = \"\xff\"").starts_with("1: "));
  // Letters where spaces may stand.
  EXPECT_TRUE(fault("[server]\nport\u00e9 = 1").starts_with("2: "));
  EXPECT_EQ(fault("[server]\nport = \"\"\"\\\n\u00e9\"\"\""),
            "2: server.port takes a whole number from 0 to 65535, not \"\\xc3\\xa9\"");
}

TEST_F(Config, AllFaultsOfAllSourcesComeAtOnceInOrder) {
  Sources sources = with_environment({{"CACHE_DEFAULT_TTL", "soon"}});
  sources.file = file("[server]\nworkers = -1\n[log]\nlevel = 1\n");
  sources.flags = {{"--port", "x"}};
  const auto all = faults(sources);
  ASSERT_EQ(all.size(), 4U);
  EXPECT_NE(all[0].find(":2: server.workers"), std::string::npos);
  EXPECT_NE(all[1].find(":4: log.level"), std::string::npos);
  EXPECT_EQ(all[2], "--port takes a whole number from 0 to 65535, not \"x\"");
  EXPECT_EQ(all[3], "CACHE_DEFAULT_TTL takes a number from 1 to 31536000, not \"soon\"");
}

TEST_F(Config, WhatKubernetesSetsForAServiceCalledRedisIsExplained) {
  const auto all = faults(with_environment({{"REDIS_PORT", "tcp://10.0.0.1:6379"}}));
  ASSERT_EQ(all.size(), 1U);
  EXPECT_TRUE(all[0].starts_with("REDIS_PORT takes a whole number"));
  EXPECT_NE(all[0].find("enableServiceLinks: false"), std::string::npos) << all[0];
}

TEST_F(Config, AFileThatCannotBeReadIsSaid) {
  EXPECT_THROW((void)load_config({.file = "/no/such/file"}), Unavailable);
  EXPECT_THROW((void)load_config({.file = "/"}), Unavailable);
  EXPECT_THROW((void)load_config({.file = file(std::string((1U << 20U) + 1, '#'))}), InvalidInput);
}

TEST_F(Config, TheTableDeclaresEachNameOnce) {
  std::set<std::string> names;
  for (const auto& setting : serve_settings()) {
    EXPECT_TRUE(names.insert(setting.path).second) << setting.path;
    EXPECT_TRUE(names.insert(setting.environment).second) << setting.environment;
    EXPECT_TRUE(names.insert(setting.flag).second) << setting.flag;
    EXPECT_FALSE(setting.help.empty()) << setting.path;
    const Value standard = value_of(setting, ServeConfig{});
    if (!setting.standard.empty()) continue;
    EXPECT_NO_THROW(check_value(setting, standard)) << setting.path;
  }
}

TEST_F(Config, TheExampleIsValidAndSaysTheStandard) {
  const std::string example = example_config();
  EXPECT_TRUE(faults({.file = file(example)}).empty());
  const std::string active = std::regex_replace(example, std::regex("(^|\n)#([a-z])"), "$1$2");
  const auto loaded = load_config({.file = file(active)});
  for (const auto& setting : serve_settings()) {
    EXPECT_EQ(loaded.origin_of(setting).origin, Origin::File) << setting.path;
    if (setting.example.empty()) {
      EXPECT_EQ(value_of(setting, loaded.config), value_of(setting, ServeConfig{})) << setting.path;
    }
  }
}

TEST_F(Config, WhatIsWrittenAsTomlIsReadBack) {
  const std::string text = "a\"b\\c\nd\x01\x7f é";
  std::string line = "[server]\nhost = ";
  line += toml_text(Value(text));
  const auto loaded = load_config({.file = file(line)});
  EXPECT_EQ(loaded.config.host, text);
}

TEST_F(Config, SecretsAreShownToNobody) {
  Setting setting = serve_settings().front();
  setting.secret = true;
  setting.choices = {"swordfish"};
  EXPECT_EQ(shown_value(setting, Value(std::string("swordfish"))), "********");
  EXPECT_EQ(shown_value(setting, Value(std::string())), "\"\"");
  try {
    (void)parse_text(setting, "hunter2");
    FAIL();
  } catch (const InvalidInput& error) {
    EXPECT_EQ(std::string(error.what()).find("hunter2"), std::string::npos);
  }
}

TEST_F(Config, OnlySafeSettingsReload) {
  ServeConfig running, fresh;
  fresh.port = 1;
  fresh.log_level = "debug";
  std::vector<std::string> restart;
  const ServeConfig now = reloaded(running, fresh, &restart);
  EXPECT_EQ(now.port, 8000);
  EXPECT_EQ(now.log_level, "debug");
  EXPECT_EQ(restart, std::vector<std::string>{"server.port"});
}

// Whatever bytes stand in a file, it is read or refused with its faults.
TEST_F(Config, DamagedFilesAreRefusedNotObeyedBlindly) {
  const std::string good = std::regex_replace(example_config(), std::regex("(^|\n)#([a-z])"), "$1$2");
  std::mt19937 random(4);
  int refused = 0;
  for (int i = 0; i < 400; ++i) {
    std::string text = good;
    for (int k = 0; k < 3; ++k) {
      const std::size_t at = random() % text.size();
      switch (random() % 3) {
        case 0:
          text[at] = static_cast<char>(random());
          break;
        case 1:
          text.erase(at, random() % 20);
          break;
        default:
          text.insert(at, 1, "[]{}\"'=.#\n\\,"[random() % 12]);
      }
    }
    refused += faults({.file = file(text)}).empty() ? 0 : 1;
  }
  EXPECT_GT(refused, 50);
}

}  // namespace
}  // namespace odordiff::server
