// Texts are read and written whole.
#include "text_io.h"

#include <unistd.h>

#include <array>
#include <csignal>

#include "base/error.h"
#include "scratch_folder.h"

namespace odordiff::apps {
namespace {

TEST(TextIo, SplitsLinesAsTheyAreWritten) {
  EXPECT_EQ(split_lines("a\nb\r\n\nc"), std::vector<std::string>({"a", "b", "", "c"}));
  EXPECT_EQ(split_lines("a\n"), std::vector<std::string>({"a"}));
  EXPECT_EQ(split_lines("\n"), std::vector<std::string>({""}));
  EXPECT_EQ(split_lines("a\rb\r\nc\r\rd\r"), std::vector<std::string>({"a", "b", "c", "", "d"}));
  EXPECT_TRUE(split_lines("").empty());
}

TEST(TextIo, ALineReaderGivesTheLinesOfSplitLines) {
  const std::string text =
      "\xef\xbb\xbf"
      "CCO ethanol\r\n\nCC\rN\r\nC" +
      std::string(200'000, 'C');
  ScratchFolder folder;
  put(folder / "in.smi", text);
  std::FILE* file = std::fopen((folder / "in.smi").c_str(), "r");
  ASSERT_NE(file, nullptr);
  LineReader reader(::fileno(file));
  std::vector<std::string> lines;
  while (auto line = reader.next()) lines.push_back(*line);
  std::fclose(file);
  EXPECT_EQ(lines, split_lines(text));
}

TEST(TextIo, ALineReaderDoesNotWaitForMoreThanALine) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  write_all(ends[1], "first\n", "pipe");
  LineReader reader(ends[0]);
  EXPECT_EQ(reader.next(), "first");
  ::close(ends[1]);
  EXPECT_EQ(reader.next(), std::nullopt);
  ::close(ends[0]);
}

TEST(TextIo, RefusesMoreThanIsWanted) {
  ScratchFolder folder;
  put(folder / "in.txt", std::string(100, 'x'));
  EXPECT_EQ(read_text(folder / "in.txt", 100).size(), 100U);
  EXPECT_THROW(read_text(folder / "in.txt", 99), InvalidInput);
}

TEST(TextIo, SaysWhenThereIsNothingToRead) {
  ScratchFolder folder;
  EXPECT_THROW(read_text(folder / "absent.txt", 10), InvalidInput);
  EXPECT_THROW(read_text(folder.path().string(), 10), InvalidInput);
}

TEST(TextIo, TellsAClosedPipe) {
  std::signal(SIGPIPE, SIG_IGN);
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  ::close(ends[0]);
  EXPECT_THROW(write_all(ends[1], "text", "pipe"), ClosedPipe);
  ::close(ends[1]);
}

TEST(TextIo, Trims) {
  EXPECT_EQ(trim(" \t a b\r\n"), "a b");
  EXPECT_EQ(trim(" \n"), "");
}

}  // namespace
}  // namespace odordiff::apps
