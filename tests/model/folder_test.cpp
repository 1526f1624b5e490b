// Where models are found, and whole ones told from damaged ones.
#include "model/folder.h"

#include "base/error.h"
#include "installation.h"

namespace odordiff::model {
namespace {

// ODORDIFF_MODEL as a test wants it, and as it was afterwards.
class Variable {
 public:
  explicit Variable(const std::string& value) {
    if (const char* before = std::getenv("ODORDIFF_MODEL")) before_ = before;
    ::setenv("ODORDIFF_MODEL", value.c_str(), 1);
  }
  ~Variable() {
    if (before_) {
      ::setenv("ODORDIFF_MODEL", before_->c_str(), 1);
    } else {
      ::unsetenv("ODORDIFF_MODEL");
    }
  }

 private:
  std::optional<std::string> before_;
};

TEST(Folder, IsNamedByPathOrByNameOrByTheEnvironment) {
  const Installation here;
  fs::rename(here.model(), here.models() / "another");
  const Variable none("");
  EXPECT_EQ(find_folder((here.models() / "another").string(), here.models()), here.models() / "another");
  EXPECT_EQ(find_folder("another", here.models()), here.models() / "another");
  EXPECT_EQ(find_folder("", here.models()), fs::path(ODORDIFF_MODELS) / "odordiff2") << "the source tree's";
  const Variable named("another");
  EXPECT_EQ(find_folder("", here.models()), here.models() / "another");
  EXPECT_EQ(installed_folders("", here.models()),
            (std::vector<fs::path>{here.models() / "another", fs::path(ODORDIFF_MODELS) / "odordiff2"}));
}

TEST(Folder, ThatIsNotThereIsNamedWithWhereWasLooked) {
  const Installation here;
  const Variable none("");
  const std::string fault = fault_of([&] { (void)find_folder("nowhere", here.models()); });
  for (const std::string& says : {std::string("no model \"nowhere\""), (here.models() / "nowhere").string(),
                                  std::string("ODORDIFF_MODEL")}) {
    EXPECT_NE(fault.find(says), std::string::npos) << says << ": " << fault;
  }
  const Variable wrong("/nowhere");
  EXPECT_NE(fault_of([&] { (void)find_folder("", here.models()); }).find("which ODORDIFF_MODEL names"),
            std::string::npos);
}

TEST(Folder, AConfigurationThatLeavesAFileOutIsNotWhole) {
  const Installation here;
  here.change_config([](auto& json) { json["files"].erase("tox21.safetensors"); });
  const Config config = read_config(here.model());
  EXPECT_NE(fault_of([&] { require_whole(config); }).find("does not name tox21.safetensors"),
            std::string::npos);
}

TEST(Folder, TellsAWholeModelFromADamagedOne) {
  const Installation here;
  const Config config = read_config(here.model());
  EXPECT_EQ(fault_of([&] { require_whole(config); }), "");
  here.own("words.txt");
  std::string words = text_of(here.model() / "words.txt");
  words[words.size() / 2] ^= 1;
  put(here.model() / "words.txt", words);
  EXPECT_NE(fault_of([&] { require_whole(config); }).find("words.txt\" is damaged (wrong checksum)"),
            std::string::npos)
      << fault_of([&] { require_whole(config); });
  for (const auto& file : check_files(config)) {
    EXPECT_EQ(file.state, file.name == "words.txt" ? FileState::Damaged : FileState::Good) << file.name;
  }
  fs::remove(here.model() / "words.txt");
  EXPECT_NE(fault_of([&] { require_whole(config); }).find("words.txt\" is missing"), std::string::npos);
}

}  // namespace
}  // namespace odordiff::model
