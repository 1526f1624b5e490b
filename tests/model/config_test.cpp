// What a model's config.json says, and what is said of one that is wrong.
#include "model/config.h"

#include "base/error.h"
#include "installation.h"

namespace odordiff::model {
namespace {

TEST(Config, SaysWhatTheShippedModelIs) {
  const Config config = read_config(fs::path(ODORDIFF_MODELS) / "odordiff2");
  EXPECT_EQ(config.name, "odordiff2-small");
  EXPECT_FALSE(config.version.empty());
  EXPECT_EQ(config.descriptors.size(), 138U);
  EXPECT_EQ(config.network.width, 128);
  EXPECT_FLOAT_EQ(config.sampling.temperature, 0.8F);
  EXPECT_EQ(config.sampling.max_length, 42);
  ASSERT_TRUE(config.retrieval);
  EXPECT_EQ(config.files.count("diffusion.safetensors"), 1U);
}

TEST(Config, NeedsNoRetrieval) {
  const Installation here;
  here.change_config([](auto& json) { json.erase("retrieval"); });
  EXPECT_FALSE(read_config(here.model()).retrieval);
}

using Change = std::function<void(nlohmann::ordered_json&)>;

TEST(Config, NamesWhatIsWrong) {
  const Installation here;
  const std::string good = text_of(here.model() / "config.json");
  const std::pair<const char*, Change> faults[] = {
      {"format", [](auto& json) { json["format"] = "odordiff-model/1"; }},
      {"no model configuration", [](auto& json) { json = nlohmann::ordered_json::array(); }},
      {"\"colour\"; known are format, name", [](auto& json) { json["colour"] = 1; }},
      {"diffusion: unknown member \"dropout\"", [](auto& json) { json["diffusion"]["dropout"] = 0; }},
      {"sampling: unknown member \"temprature\"", [](auto& json) { json["sampling"]["temprature"] = 1; }},
      {"version: is missing", [](auto& json) { json.erase("version"); }},
      {"name: must be a text", [](auto& json) { json["name"] = 7; }},
      {"sampling: is missing", [](auto& json) { json.erase("sampling"); }},
      {"sampling.guidance: must be a number from 0 to 10",
       [](auto& json) { json["sampling"]["guidance"] = -1; }},
      {"sampling.temperature: must be", [](auto& json) { json["sampling"]["temperature"] = "warm"; }},
      {"sampling.text_condition: must be true or false",
       [](auto& json) { json["sampling"]["text_condition"] = 1; }},
      {"sampling.min_length: must be a number from 1 to 42",
       [](auto& json) { json["sampling"]["min_length"] = 43; }},
      {"diffusion.width: must be a whole number", [](auto& json) { json["diffusion"]["width"] = 12.5; }},
      {"retrieval.keep_high: must be a number from 0.5",
       [](auto& json) { json["retrieval"]["keep_high"] = 0.4; }},
      {"vocabulary: must be a list of texts",
       [](auto& json) {
         json["vocabulary"] = {1, 2};
       }},
      {"outside the folder", [](auto& json) { json["files"]["../secret"] = json["files"]["words.txt"]; }},
      {"files.words.txt.bytes", [](auto& json) { json["files"]["words.txt"]["bytes"] = -5; }},
      {"files.words.txt.sha256: is missing", [](auto& json) { json["files"]["words.txt"].erase("sha256"); }}};
  for (const auto& [says, change] : faults) {
    put(here.model() / "config.json", good);
    here.change_config(change);
    const std::string fault = fault_of([&] { (void)read_config(here.model()); });
    EXPECT_NE(fault.find("config.json"), std::string::npos) << says << ": " << fault;
    EXPECT_NE(fault.find(says), std::string::npos) << says << ": " << fault;
  }
  put(here.model() / "config.json", good.substr(0, good.size() / 2));
  EXPECT_NE(fault_of([&] { (void)read_config(here.model()); }).find("is damaged"), std::string::npos);
  fs::remove(here.model() / "config.json");
  EXPECT_NE(fault_of([&] { (void)read_config(here.model()); }).find("cannot be read"), std::string::npos);
}

}  // namespace
}  // namespace odordiff::model
