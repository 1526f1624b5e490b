// What differs in an answer's making has another identity; what does not has the same.
#include "model/identity.h"

#include <set>

#include "base/error.h"
#include "installation.h"
#include "model/resources.h"

namespace odordiff::model {
namespace {

Identity of(const Installation& here, const char* precision = "fp32", const char* backend = "cpu-fma") {
  return identify(read_config(here.model()), precision, backend);
}

TEST(Identity, IsThatOfTheFilesAndNotOfTheirPlace) {
  const Installation here, there;
  EXPECT_EQ(of(here), of(there));
  EXPECT_EQ(of(here).digest.size(), 32U);
  EXPECT_EQ(of(here).name, "odordiff2-small");
  EXPECT_EQ(of(here).precision, "fp32");
  EXPECT_EQ(of(here).backend, "cpu-fma");
}

TEST(Identity, ChangesWithEachThingThatCanChangeAnAnswer) {
  const Installation here;
  std::set<std::string> seen{of(here).digest};
  const auto is_new = [&](const std::string& what, const Identity& identity) {
    EXPECT_TRUE(seen.insert(identity.digest).second) << what;
  };
  is_new("precision", of(here, "int8"));
  is_new("backend", of(here, "fp32", "cpu-baseline"));
  is_new("the program's answers", identify(read_config(here.model()), "fp32", "cpu-fma", kAnswerVersion + 1));
  for (const char* table : {"safety", "synthesis"}) {
    for (const auto& entry : fs::directory_iterator(here.data() / table)) {
      put(entry.path(), text_of(entry.path()) + "\n");
      is_new(entry.path().string(), of(here));
    }
    put(here.data() / table / "more.tsv", "");
    is_new(std::string("one more table of ") + table, of(here));
  }
  put(here.data() / "safety" / "eu.tsv~", "an editor's copy");
  EXPECT_FALSE(seen.insert(of(here).digest).second);
  put(here.sa_scores(), "other scores");
  is_new("the fragment table", of(here));
  const auto files = read_config(here.model()).files;
  for (const auto& [name, file] : files) {
    here.change_config([&, key = name](auto& json) { json["files"][key]["sha256"] = std::string(64, '0'); });
    is_new(name, of(here));
  }
  here.change_config([](auto& json) { json["version"] = "2"; });
  is_new("the model's version", of(here));
  here.change_config([](auto& json) { json["sampling"]["guidance"] = 2; });
  is_new("how it is sampled", of(here));
}

TEST(Identity, OfTablesThatAreNotThereIsAnError) {
  const Installation here;
  const Config config = read_config(here.model());
  fs::remove_all(here.data() / "safety");
  // The source tree's take their place.
  EXPECT_EQ(data_path(config.folder, "safety"), fs::path(ODORDIFF_DATA) / "safety");
  EXPECT_NE(fault_of([&] { (void)data_path(config.folder, "weather"); }).find("\"weather\" is missing"),
            std::string::npos);
}

}  // namespace
}  // namespace odordiff::model
