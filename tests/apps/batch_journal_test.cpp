// A batch that was killed goes on without losing or repeating a line.
#include "batch_journal.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "base/error.h"
#include "scratch_folder.h"

namespace odordiff::apps {
namespace {

const Json kIdentity = {{"input_sha256", "abc"}, {"seed", 0}};

std::string line_of(const Json& id) {
  return dump_line({{"id", id}, {"molecules", Json::array()}});
}

class BatchJournalTest : public ::testing::Test {
 protected:
  BatchJournalTest() {
    for (int i = 1; i <= 5; ++i) ids_.push_back(i);
  }

  BatchJournal open(const Json& identity = kIdentity, bool restart = false) {
    kept_.clear();
    return BatchJournal(output_, identity, ids_, restart,
                        [this](const Json& line) { kept_.push_back(line["id"]); });
  }

  std::string all_lines() const {
    std::string out;
    for (const auto& id : ids_) out += line_of(id);
    return out;
  }

  // What a run that stops after `count` lines leaves.
  void leave(std::size_t count) {
    auto journal = open();
    while (journal.finished() < count) journal.append(line_of(ids_[journal.finished()]));
  }

  void complete() {
    auto journal = open();
    while (journal.finished() < ids_.size()) journal.append(line_of(ids_[journal.finished()]));
    journal.finish();
    EXPECT_EQ(contents(output_), all_lines());
    EXPECT_EQ(folder_.files(), 1U);
  }

  ScratchFolder folder_;
  std::string output_ = folder_ / "out.jsonl";
  std::string partial_ = output_ + ".partial";
  std::string meta_ = partial_ + ".meta";
  std::vector<Json> ids_;
  std::vector<Json> kept_;
};

TEST_F(BatchJournalTest, GivesTheOutputItsNameOnlyAtTheEnd) {
  leave(3);
  EXPECT_FALSE(std::filesystem::exists(output_));
  EXPECT_EQ(contents(partial_), line_of(1) + line_of(2) + line_of(3));
  complete();
}

TEST_F(BatchJournalTest, GoesOnAfterWholeLines) {
  leave(3);
  EXPECT_EQ(open().finished(), 3U);
  EXPECT_EQ(kept_, std::vector<Json>({1, 2, 3}));
  complete();
}

TEST_F(BatchJournalTest, CutsATornLastLineAtEveryByte) {
  const std::string whole = line_of(1) + line_of(2);
  for (std::size_t length = 1; length <= whole.size(); ++length) {
    leave(2);
    std::filesystem::resize_file(partial_, length);
    const std::size_t lines = length == whole.size() ? 2 : length >= line_of(1).size() ? 1 : 0;
    EXPECT_EQ(open().finished(), lines) << length;
    complete();
    std::filesystem::remove(output_);
  }
}

TEST_F(BatchJournalTest, RedoesFromTheFirstLineThatIsNotTheExpectedOne) {
  for (const std::string& damage : {std::string("{\"id\": 9}\n"), std::string("\n"), std::string("[]\n"),
                                    std::string(64, '\0') + "\n", std::string("{}\n")}) {
    leave(2);
    put(partial_, line_of(1) + damage + line_of(3));
    EXPECT_EQ(open().finished(), 1U);
    complete();
    std::filesystem::remove(output_);
  }
}

TEST_F(BatchJournalTest, DropsWhatGoesBeyondTheLastItem) {
  leave(5);
  put(partial_, all_lines() + "{\"id\": 6}\n");
  complete();
}

TEST_F(BatchJournalTest, RefusesAnotherInputAndNamesTheDifference) {
  leave(2);
  try {
    (void)open({{"input_sha256", "abc"}, {"seed", 1}});
    FAIL() << "took a journal of other settings";
  } catch (const InvalidInput& error) {
    EXPECT_NE(std::string(error.what()).find("seed"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("--restart"), std::string::npos) << error.what();
  }
  EXPECT_EQ(contents(partial_), line_of(1) + line_of(2));
}

TEST_F(BatchJournalTest, RefusesLinesWithoutAWordOfWhereTheyCameFrom) {
  put(partial_, line_of(1));
  EXPECT_THROW(open(), InvalidInput);
  put(meta_, "not JSON");
  EXPECT_THROW(open(), InvalidInput);
  EXPECT_EQ(contents(partial_), line_of(1));
}

TEST_F(BatchJournalTest, BeginsAnewWhenTold) {
  leave(2);
  EXPECT_EQ(open({{"seed", 1}}, true).finished(), 0U);
  EXPECT_EQ(open({{"seed", 1}}).finished(), 0U);
}

TEST_F(BatchJournalTest, BeginsAnewWhereOnlyTheMetaFileIsLeft) {
  leave(2);
  std::filesystem::remove(partial_);
  EXPECT_EQ(open({{"seed", 1}}).finished(), 0U);
}

TEST_F(BatchJournalTest, TwoRunsDoNotWriteOneOutput) {
  const auto first = open();
  EXPECT_THROW(open(), Unavailable);
}

TEST_F(BatchJournalTest, RefusesAFolderThatIsNotThere) {
  output_ = folder_ / "no/such/out.jsonl";
  EXPECT_THROW(open(), Unavailable);
}

TEST_F(BatchJournalTest, AKillLosesNothingThatWasAppended) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    auto journal = open();
    for (int i = 1; i <= 4; ++i) journal.append(line_of(i));
    ::raise(SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(open().finished(), 4U);
  complete();
}

}  // namespace
}  // namespace odordiff::apps
