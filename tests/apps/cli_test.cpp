// The command tree, and what is written from it: help, completions, manual page, messages.
#include "cli.h"

#include <gtest/gtest.h>

#include <functional>

#include "cli_tree.h"
#include "progress.h"
#include "scratch_folder.h"

namespace odordiff::apps {
namespace {

void each_command(const CommandInfo& command, const std::function<void(const CommandInfo&)>& visit) {
  visit(command);
  for (const auto& sub : command.commands) each_command(sub, visit);
}

CommandInfo tree() {
  return read_tree(*make_cli());
}

TEST(CommandTree, EveryCommandHasAnExampleASummaryAndExplainedOptions) {
  each_command(tree(), [](const CommandInfo& command) {
    EXPECT_NE(command.example.find("odordiff"), std::string::npos) << command.name;
    EXPECT_FALSE(command.summary.empty()) << command.name;
    for (const auto& option : command.options) {
      EXPECT_FALSE(option.names.empty());
      EXPECT_FALSE(option.description.empty()) << command.name << " " << option.names.front();
    }
  });
}

TEST(CommandTree, HelpBeginsWithTheExampleAndEndsWithExitCodesAndEnvironment) {
  each_command(tree(), [](const CommandInfo& command) {
    const std::string help = help_text(command, "odordiff " + command.name);
    EXPECT_TRUE(help.starts_with(command.example + "\n")) << help;
    for (const char* text :
         {"Usage:", "Exit codes:", "  141", "Environment:", "ODORDIFF_MODEL", "NO_COLOR"}) {
      EXPECT_NE(help.find(text), std::string::npos) << text << help;
    }
  });
}

TEST(CommandTree, CompletionsAndManualNameEveryOption) {
  const CommandInfo root = tree();
  const std::string bash = bash_completion(root);
  const std::string zsh = zsh_completion(root);
  const std::string fish = fish_completion(root);
  const std::string man = man_page(root, "1.2.3");
  each_command(root, [&](const CommandInfo& command) {
    for (const auto& option : command.options) {
      for (const auto& name : option.names) {
        if (option.positional) continue;
        EXPECT_NE(bash.find(name), std::string::npos) << name;
        EXPECT_NE(zsh.find(name + "["), std::string::npos) << name;
        const bool is_long = name.starts_with("--");
        EXPECT_NE(fish.find((is_long ? "-l " : "-s ") + name.substr(is_long ? 2 : 1)), std::string::npos)
            << name;
        std::string in_roff;
        for (const char c : name) in_roff += c == '-' ? std::string("\\-") : std::string(1, c);
        EXPECT_NE(man.find(in_roff), std::string::npos) << name;
      }
    }
  });
}

std::string message_for(std::vector<std::string> arguments) {
  const auto cli = make_cli();
  std::reverse(arguments.begin(), arguments.end());
  try {
    cli->parse(arguments);
  } catch (const CLI::ParseError& error) {
    return usage_message(*cli, error);
  }
  return {};
}

TEST(UsageMessage, OffersTheNameThatWasMeant) {
  EXPECT_NE(message_for({"generate", "rose", "--temprature", "1"}).find("--temperature"), std::string::npos);
  EXPECT_NE(message_for({"generat", "rose"}).find("did you mean generate?"), std::string::npos);
  EXPECT_NE(message_for({"models", "verfy"}).find("did you mean verify?"), std::string::npos);
}

TEST(UsageMessage, NamesTheCommandsWhenNoneIsGiven) {
  EXPECT_NE(message_for({}).find("generate, batch"), std::string::npos);
  EXPECT_NE(message_for({"models"}).find("list, verify"), std::string::npos);
}

TEST(UsageMessage, IsOneLine) {
  for (const auto& arguments : std::vector<std::vector<std::string>>{
           {}, {"--nonsense"}, {"draw", "CCO", "--width"}, {"describe", "--all=maybe", "CCO"}, {"a\nb"}}) {
    const std::string message = message_for(arguments);
    EXPECT_FALSE(message.empty());
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  }
}

TEST(Progress, FitsItsLine) {
  for (const int width : {10, 20, 40, 80, 200}) {
    EXPECT_LT(progress_line(37, 60, 4.1, width).size(), static_cast<std::size_t>(width));
  }
  EXPECT_EQ(progress_line(30, 60, 4.0, 60).substr(0, 7), "30/60 [");
  EXPECT_NE(progress_line(30, 60, 4.0, 60).find("4.0/s  8 s left"), std::string::npos);
  EXPECT_NE(progress_line(0, 60, 0, 60).find("  0%"), std::string::npos);
}

}  // namespace
}  // namespace odordiff::apps
