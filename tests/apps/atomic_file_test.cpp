// A file is under its name whole, or not at all.
#include "atomic_file.h"

#include <sys/stat.h>

#include "base/error.h"
#include "scratch_folder.h"

namespace odordiff::apps {
namespace {

TEST(AtomicFile, AppearsOnlyWhenCommitted) {
  ScratchFolder folder;
  AtomicFile file(folder / "out.json");
  file.write("one ");
  file.write("two");
  EXPECT_FALSE(std::filesystem::exists(folder / "out.json"));
  file.commit();
  EXPECT_EQ(contents(folder / "out.json"), "one two");
  EXPECT_EQ(folder.files(), 1U);
}

TEST(AtomicFile, LeavesNothingWhenAbandoned) {
  ScratchFolder folder;
  { AtomicFile(folder / "out.json").write("half"); }
  EXPECT_EQ(folder.files(), 0U);
}

TEST(AtomicFile, LeavesTheOldFileWhenAbandoned) {
  ScratchFolder folder;
  put(folder / "out.json", "old");
  { AtomicFile(folder / "out.json").write("half"); }
  EXPECT_EQ(contents(folder / "out.json"), "old");
}

TEST(AtomicFile, ReplacesTheOldFileAndKeepsItsMode) {
  ScratchFolder folder;
  put(folder / "out.json", "old");
  ASSERT_EQ(::chmod((folder / "out.json").c_str(), 0640), 0);
  AtomicFile file(folder / "out.json");
  file.write("new");
  file.commit();
  EXPECT_EQ(contents(folder / "out.json"), "new");
  struct stat info = {};
  ASSERT_EQ(::stat((folder / "out.json").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0640U);
}

TEST(AtomicFile, FollowsALink) {
  ScratchFolder folder;
  put(folder / "real.json", "old");
  std::filesystem::create_symlink("real.json", folder / "link.json");
  AtomicFile file(folder / "link.json");
  file.write("new");
  file.commit();
  EXPECT_TRUE(std::filesystem::is_symlink(folder / "link.json"));
  EXPECT_EQ(contents(folder / "real.json"), "new");
}

TEST(AtomicFile, FollowsALinkToAFileThatIsNotThereYet) {
  const ScratchFolder folder;
  std::filesystem::create_symlink("second.json", folder / "first.json");
  std::filesystem::create_symlink("new.json", folder / "second.json");
  AtomicFile file(folder / "first.json");
  file.write("new");
  file.commit();
  EXPECT_TRUE(std::filesystem::is_symlink(folder / "first.json"));
  EXPECT_TRUE(std::filesystem::is_regular_file(std::filesystem::symlink_status(folder / "new.json")));
}

TEST(AtomicFile, WritesToADeviceWithoutReplacingIt) {
  AtomicFile file("/dev/null");
  file.write("gone");
  file.commit();
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

TEST(AtomicFile, SaysWhenTheDiskIsFull) {
  AtomicFile file("/dev/full");
  EXPECT_THROW(file.write("text"), Unavailable);
}

TEST(AtomicFile, RefusesAPlaceThatCannotBeWritten) {
  ScratchFolder folder;
  EXPECT_THROW(AtomicFile(folder / "no/such/out.json"), Unavailable);
  EXPECT_THROW(AtomicFile{folder.path().string()}, Unavailable);
  EXPECT_THROW(AtomicFile(""), Unavailable);
  EXPECT_THROW(AtomicFile("/proc/out.json"), Unavailable);
}

}  // namespace
}  // namespace odordiff::apps
